/** What stands for a value that not everybody may see. */
export const sensitiveValue = '(sensitive value)';
/** The same on the side of `after` where it differs from `before`, so that a change stays to be seen. */
export const newSensitiveValue = '(new sensitive value)';

/** Shorter ones are words of every plan (`1`, `eu`): hiding them would hide the plan and tell what they are. */
const shortestHidden = 4;
/** No configuration nests deeper; whoever makes one that does would make the reader run out of stack. */
const deepest = 200;

export type HiddenTexts = { texts: readonly string[]; numbers: ReadonlySet<number> };

export function hiddenTexts(secrets: readonly string[]): HiddenTexts {
  const texts = [...new Set(secrets)].filter((secret) => secret.length >= shortestHidden);
  // JSON has another form for a number than its variable (`1e3`), and rounds a long one.
  return { texts, numbers: new Set(texts.map(Number).filter((value) => Number.isFinite(value))) };
}

/** The value without the secrets, in names as well. What stands for something already stays. */
export function hideEverywhere(value: unknown, hidden: HiddenTexts, depth = 0): unknown {
  if (value === sensitiveValue || value === newSensitiveValue) return value;
  if (typeof value === 'string') return hideIn(value, hidden);
  if (typeof value === 'number') {
    return hidden.numbers.has(value) || hideIn(String(value), hidden) !== String(value) ? sensitiveValue : value;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (depth > deepest) return sensitiveValue;
  if (Array.isArray(value)) return value.map((item) => hideEverywhere(item, hidden, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [hideIn(key, hidden), hideEverywhere(item, hidden, depth + 1)]),
  );
}

/** Every character of an occurrence goes, also where they overlap; what was put in is not looked through again. */
export function hideIn(text: string, { texts }: HiddenTexts): string {
  const found = texts.flatMap((secret) => occurrences(text, secret)).toSorted((one, other) => one.from - other.from);
  let rest = '';
  let clearFrom = 0;
  for (const { from, to } of found) {
    if (from >= clearFrom && (from > clearFrom || rest === '')) rest += text.slice(clearFrom, from) + sensitiveValue;
    clearFrom = Math.max(clearFrom, to);
  }
  return rest + text.slice(clearFrom);
}

function occurrences(text: string, secret: string): { from: number; to: number }[] {
  const found: { from: number; to: number }[] = [];
  for (let from = text.indexOf(secret); from >= 0; from = text.indexOf(secret, from + 1)) {
    const [last, to] = [found.at(-1), from + secret.length];
    // A text of one letter would make one of each character.
    if (last !== undefined && last.to >= from) last.to = to;
    else found.push({ from, to });
  }
  return found;
}

/** The same down to where `hideEverywhere` goes, for what compares it before. */
export function cutDeep(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > deepest) return sensitiveValue;
  if (Array.isArray(value)) return value.map((item) => cutDeep(item, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, cutDeep(item, depth + 1)]));
}
