import { z } from 'zod';

/** A line of pino's. */
const logLine = z.object({
  level: z.number(),
  msg: z.string().optional(),
  err: z.object({ message: z.string().optional() }).optional(),
});

const warningLevel = 40;

/**
 * What a person at the terminal should see of a service's output line: pino's warnings and errors, and whatever is
 * written to standard error in clear. undefined: the line goes to the log file only.
 */
export function warningIn(line: string, isFromStandardError: boolean): string | undefined {
  const parsed = line.startsWith('{') ? logLine.safeParse(parseJson(line)) : undefined;
  if (parsed?.success) {
    const { level, msg, err } = parsed.data;
    if (level < warningLevel) return undefined;
    return [msg, err?.message].filter((part) => part !== undefined && part !== '').join(': ');
  }
  return isFromStandardError && line.trim() !== '' ? line : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
