import { jsonLinePrefix, terraformLogLines } from '@gatehouse/shared/terraform-log-line';

/**
 * For a terminal: passes a log on as it comes, but for terraform's JSON lines, which are held until they are whole and
 * passed on as the text that they tell.
 */
export function readableLog(take: (text: string) => void): (text: string) => void {
  let held = '';
  let isLineStart = true;
  return (text) => {
    for (const part of text.split(/(?<=\n)/)) {
      const line = held + part;
      const isWhole = line.endsWith('\n');
      held = '';
      if (!isLineStart) take(line);
      else if (isWhole) take(shown(line));
      else if (mayBeJson(line)) held = line;
      else take(line);
      isLineStart = isWhole || held !== '';
    }
  };
}

function shown(line: string): string {
  const lines = terraformLogLines(line.trimEnd());
  return lines === undefined ? line : lines.map((each) => `${each}\n`).join('');
}

function mayBeJson(line: string): boolean {
  return line.startsWith(jsonLinePrefix) || jsonLinePrefix.startsWith(line);
}
