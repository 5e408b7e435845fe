import * as z from 'zod/mini';

/*
 * Terraform's JSON lines (`plan -json`, `apply -json`; "machine-readable UI" in its documentation) as the lines of a
 * terminal, for whoever shows such a log to people. Colours are SGR sequences, and each line is whole by itself.
 */
const position = z.object({ line: z.number() });
const diagnostic = z.object({
  severity: z.string(),
  summary: z.string(),
  detail: z.optional(z.string()),
  range: z.nullish(z.object({ filename: z.string(), start: position })),
  snippet: z.nullish(
    z.object({
      context: z.nullish(z.string()),
      code: z.string(),
      start_line: z.number(),
      values: z.nullish(z.array(z.object({ traversal: z.string(), statement: z.string() }))),
    }),
  ),
});
type Diagnostic = z.infer<typeof diagnostic>;

const output = z.object({ sensitive: z.boolean(), value: z.optional(z.unknown()), action: z.optional(z.string()) });

const message = z.object({
  '@level': z.string(),
  '@message': z.string(),
  type: z.optional(z.string()),
  diagnostic: z.nullish(z.unknown()),
  outputs: z.nullish(z.unknown()),
});
type Message = z.infer<typeof message>;

/** How each of them begins: the keys are sorted. */
export const jsonLinePrefix = '{"@level":"';

const sgr = { bold: '1', red: '31', green: '32', yellow: '33', 'bold green': '1;32' } as const;
type Style = keyof typeof sgr;

const styleOfType: Readonly<Record<string, Style>> = {
  apply_start: 'bold',
  apply_complete: 'bold',
  apply_errored: 'red',
  refresh_start: 'bold',
  provision_start: 'bold',
  provision_errored: 'red',
  resource_drift: 'bold',
  ephemeral_op_start: 'bold',
  ephemeral_op_complete: 'bold',
  ephemeral_op_errored: 'red',
  change_summary: 'bold green',
};
const styleOfLevel: Readonly<Record<string, Style>> = { error: 'red', warn: 'yellow' };

/** Undefined when it is no such line, and is to be shown as it is. */
export function terraformLogLines(line: string): string[] | undefined {
  if (!line.startsWith(jsonLinePrefix)) return undefined;
  const read = message.safeParse(jsonOf(line));
  if (!read.success) return undefined;
  const told = diagnostic.safeParse(read.data.diagnostic);
  if (told.success) return diagnosticLines(told.data);
  return [...messageLines(read.data), ...outputLines(read.data)];
}

function messageLines(read: Message): string[] {
  const style = styleOfType[read.type ?? ''] ?? styleOfLevel[read['@level']];
  return linesOf(read['@message']).map((text) => styled(text, style));
}

/** As after an apply; of a plan, which knows no values, what becomes of each. */
function outputLines({ outputs }: Message): string[] {
  const read = z.record(z.string(), output).safeParse(outputs);
  if (!read.success) return [];
  return Object.entries(read.data).map(([name, { sensitive, value, action }]) => {
    if (value === undefined && action !== undefined) return clean(`  ${name}: ${action}`);
    return clean(`  ${name} = ${sensitive ? '(sensitive value)' : JSON.stringify(value)}`);
  });
}

/** In the box that terraform draws around it, with the code that it is about. */
function diagnosticLines({ severity, summary, detail = '', range, snippet }: Diagnostic): string[] {
  const style = severity === 'error' ? 'red' : 'yellow';
  const title = `${styled(severity === 'error' ? 'Error:' : 'Warning:', style)} ${styled(summary, 'bold')}`;
  const where = range == null ? [] : ['', `  on ${range.filename} line ${range.start.line}${placeIn(snippet)}`];
  const code = snippet == null ? [] : codeLines(snippet);
  const body = [...where, ...code, ...(detail === '' ? [] : ['', ...linesOf(detail)])];
  const bar = styled('│', style);
  return [styled('╷', style), `${bar} ${title}`, ...body.map((text) => `${bar} ${clean(text)}`), styled('╵', style)];
}

function placeIn(snippet: Diagnostic['snippet']): string {
  return snippet?.context == null ? ':' : `, in ${snippet.context}:`;
}

function codeLines({ code, start_line: first, values }: NonNullable<Diagnostic['snippet']>): string[] {
  const numbered = linesOf(code).map((text, index) => `${String(first + index).padStart(4)}: ${text}`);
  const known = (values ?? []).map(({ traversal, statement }) => `    │ ${traversal} ${statement}`);
  return [...numbered, ...(known.length === 0 ? [] : ['    ├────────────────', ...known])];
}

function styled(text: string, style: Style | undefined): string {
  return style === undefined ? clean(text) : `\u001b[${sgr[style]}m${clean(text)}\u001b[0m`;
}

function linesOf(text: string): string[] {
  return text.split(/\r?\n/);
}

// What JSON had escaped must not act on a terminal now: all controls but tabs and colours.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
const controls = /\x1b(?!\[[0-9;]*m)|[\x00-\x08\x0a-\x1a\x1c-\x1f\x7f-\x9f]/g;

function clean(text: string): string {
  return text.replace(controls, '');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
