/** As `sha256sum` writes it: the sum, a space, a space or `*`, the name. */
const line = /^([0-9a-f]{64}) [ *](\S+)$/;

/** The sum of this very file name; undefined when it is not listed, or listed with different sums. */
export function sumOf(fileName: string, sums: Uint8Array): string | undefined {
  const found = new Set<string>();
  for (const text of new TextDecoder().decode(sums).split(/\r?\n/)) {
    const [, sum, name] = line.exec(text) ?? [];
    if (sum !== undefined && name === fileName) found.add(sum);
  }
  return found.size === 1 ? [...found][0] : undefined;
}
