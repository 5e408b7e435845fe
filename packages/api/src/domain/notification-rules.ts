/** The pure rules of a delivery: where it may go, when it is tried again, what is kept of an answer. */

export const maxConfigurations = 20;
const longestUrl = 2_000;

/** Why nothing can be sent to this address, in words; undefined: it can. Where it leads is judged when it is dialled. */
export function refusalOfUrl(text: string): string | undefined {
  if (text.length > longestUrl) return `At most ${longestUrl} characters.`;
  const url = URL.parse(text);
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    return 'An address beginning with https:// or http://.';
  if (url.username !== '' || url.password !== '') return 'An address without a user name or password in it.';
  return undefined;
}

/** After each failed try until the next, about 45 minutes in all: longer than a run waits for a code by default. */
const retryDelaysMs = [5_000, 30_000, 120_000, 600_000, 1_800_000];
/** Also of those that ended without an answer, because the process died over them. */
export const maxTries = retryDelaysMs.length + 1;

/** When the next try is due after `attempts` failed ones; undefined: it is given up. */
export function nextTryAt(attempts: number, now: Date): Date | undefined {
  const delayMs = retryDelaysMs[attempts - 1];
  return delayMs === undefined ? undefined : new Date(now.getTime() + delayMs);
}

export function isSuccess(code: number): boolean {
  return code >= 200 && code < 300;
}

/** Whether the receiver may take it later. Any other answer is its last word, a redirection among them. */
export function mayTakeLater(code: number): boolean {
  return code === 408 || code === 425 || code === 429 || code >= 500;
}

const secretHeader = /cookie|auth|token|secret|session|signature|key/i;
const maxHeaders = 50;
const longestHeader = 500;

/** Of a receiver's headers what may be kept, by their names in small letters; nothing that could let somebody in. */
export function keptHeaders(headers: Readonly<Record<string, readonly string[]>>): Record<string, string[]> {
  const kept = Object.entries(headers).filter(([name]) => !secretHeader.test(name));
  return Object.fromEntries(
    kept
      .slice(0, maxHeaders)
      .map(([name, values]) => [name, values.slice(0, 5).map((value) => value.slice(0, longestHeader))]),
  );
}

const longestBody = 1_000;

export function keptBody(body: string): string {
  return body.length > longestBody ? `${body.slice(0, longestBody)}…` : body;
}
