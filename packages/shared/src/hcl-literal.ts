// One value in HCL's native syntax, as a person writes it behind `name =`. Values of several variables stand in one file:
// one that closed its brackets, left a comment open or went on in a new line would set, or swallow, another variable.

/** What is read of a literal: the texts and numbers in it, as terraform will have them. */
export type HclLiteral = { texts: readonly string[] };

const closing: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };
const quotedText = /"((?:[^"\\\r\n]|\\[nrt"\\]|\\u[0-9a-fA-F]{4}|\\U[0-9a-fA-F]{8})*)"/y;
const heredocStart = /<<(-?)([A-Za-z_][A-Za-z0-9_-]*)\r?\n/y;
const number = /\d[\d.eE+-]*/y;
const word = /[\p{L}_][\p{L}\p{N}_-]*/uy;
const lineComment = /(?:#|\/\/)[^\n]*/y;
const blanks = /[ \t]+/y;
/** One mark begins a template, two are its escape, and of three parsers disagree. */
const templateMark = /(\$+|%+)\{/g;

/**
 * Undefined when the text is more, or less, than one whole value: stricter than terraform, never laxer. What else is wrong
 * with it terraform says itself.
 */
export function parseHclLiteral(text: string): HclLiteral | undefined {
  const texts: string[] = [];
  const open: string[] = [];
  let hasValue = false;
  let isOver = false;
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found !== null) at += found[0].length;
    return found;
  };
  while (at < text.length) {
    if (take(blanks) !== null || take(lineComment) !== null) continue;
    if (text.startsWith('/*', at)) {
      const end = text.indexOf('*/', at + 2);
      if (end < 0) return undefined;
      at = end + 2;
      continue;
    }
    if (text.startsWith('\n', at) || text.startsWith('\r\n', at)) {
      at = text.indexOf('\n', at) + 1;
      // Inside brackets a line may end anywhere; outside it ends the value.
      if (open.length === 0) isOver = true;
      continue;
    }
    if (isOver) return undefined;
    hasValue = true;
    const quoted = take(quotedText);
    const heredoc = quoted === null ? take(heredocStart) : null;
    if (quoted !== null) {
      const plain = withoutTemplates(quoted[1] ?? '');
      if (plain === undefined) return undefined;
      texts.push(unescaped(plain));
    } else if (heredoc !== null) {
      const body = bodyOf(text.slice(at), heredoc[2] ?? '');
      const plain = body && withoutTemplates(body.text);
      if (body === undefined || plain === undefined) return undefined;
      texts.push(plain, ...(heredoc[1] === '-' ? [withoutIndent(plain)] : []));
      at += body.length;
    } else if (!takeOther()) return undefined;
  }
  return hasValue && open.length === 0 ? { texts } : undefined;

  function takeOther(): boolean {
    const digits = take(number);
    if (digits !== null) texts.push(digits[0]);
    if (digits !== null || take(word) !== null) return true;
    const character = text[at] ?? '';
    at++;
    const end = closing[character];
    if (end !== undefined) open.push(end);
    else if (')]}'.includes(character)) return open.pop() === character;
    // Quotes that close nowhere, control characters, and signs that no literal has.
    else return ',=:-.'.includes(character);
    return true;
  }
}

export const hclLiteralRule =
  'Give one HCL value without templates, functions or anything behind it: a text in quotes, a number, true, false, null, [ ... ] or { ... }.';

/** The texts and numbers of a value, each of which can turn up by itself; of one that is no literal what stands in quotes. */
export function textsOfHcl(text: string): readonly string[] {
  return (
    parseHclLiteral(text)?.texts ??
    [...text.matchAll(/"((?:[^"\\]|\\.)*)(?:"|$|\\$)/gs)].map(([, quoted = '']) => quoted)
  );
}

/** Up to the line that ends it, which is not part of `length`: its line end is the value's. */
function bodyOf(rest: string, marker: string): { text: string; length: number } | undefined {
  let length = 0;
  for (const line of rest.split('\n')) {
    const isEnd = line.replace(/\r$/, '').replace(/^[ \t]+|[ \t]+$/g, '') === marker;
    if (isEnd) return { text: rest.slice(0, length), length: length + line.replace(/\r$/, '').length };
    // Blanks of Unicode: parsers disagree on whether this line ends it.
    if (line.replace(/[\s\p{C}\p{Z}]/gu, '') === marker) return undefined;
    length += line.length + 1;
  }
  return undefined;
}

/** Undefined where the text has a template, which no literal has. */
function withoutTemplates(text: string): string | undefined {
  if ([...text.matchAll(templateMark)].some(([, marks = '']) => marks.length !== 2)) return undefined;
  return text.replaceAll('$${', '${').replaceAll('%%{', '%{');
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' };

function unescaped(text: string): string {
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))/g, (_, short, long, one) => {
    if (one !== undefined) return escapes[String(one)] ?? '';
    const code = Number.parseInt(String(short ?? long), 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
  });
}

/** As `<<-` does: without the blanks that all lines have in front. */
function withoutIndent(text: string): string {
  const lines = text.split('\n');
  const indents = lines.filter((line) => line.trim() !== '').map((line) => line.length - line.trimStart().length);
  const least = Math.min(...indents, text.length);
  return lines.map((line) => line.slice(least)).join('\n');
}
