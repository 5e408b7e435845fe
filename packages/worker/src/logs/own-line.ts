/** Of Gatehouse's own lines, in characters. */
const longestOwnLine = 2_000;

/** What it quotes may be a run's: no second line comes of it, and nothing that acts on a terminal. */
export function oneLine(text: string): string {
  const line = text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, '?');
  return line.length > longestOwnLine ? `${line.slice(0, longestOwnLine)} …` : line;
}
