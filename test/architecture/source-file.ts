import { parseAst } from 'vitest/node';
import { z } from 'zod';

/** What the rules want to know of one file. Paths are relative to the repository, with `/`. */
export type SourceFile = {
  path: string;
  /** Every `import`, `export … from` and `import()`; a relative one is resolved to a path. */
  imports: readonly Import[];
  /** Lines that call `.reveal()`, the way out of a `Secret`. */
  revealLines: readonly number[];
  /** Lines that read `process.env`, but those that only hand it to `readConfig`. */
  environmentLines: readonly number[];
  hasDefaultExport: boolean;
  lineCount: number;
};

export type Import = { target: string; isRelative: boolean; isTypeOnly: boolean; line: number };

export function parseSourceFile(path: string, text: string): SourceFile {
  const imports: Import[] = [];
  const revealLines: number[] = [];
  const environmentReads = new Map<number, number>();
  const handedOn = new Set<number>();
  let hasDefaultExport = false;
  const lineAt = (offset: number) => text.slice(0, offset).split('\n').length;
  visit(parseAst(text, { lang: path.endsWith('x') ? 'tsx' : 'ts' }), (node) => {
    const from = importedFrom.safeParse(node);
    if (from.success) {
      const specifier = from.data.source.value;
      imports.push({
        target: specifier.startsWith('.') ? resolve(path, specifier) : specifier,
        isRelative: specifier.startsWith('.'),
        isTypeOnly: from.data.importKind === 'type' || from.data.exportKind === 'type',
        line: lineAt(from.data.start),
      });
    }
    if (node.type === 'ExportDefaultDeclaration') hasDefaultExport = true;
    if (isMember(node, 'reveal')) revealLines.push(lineAt(node.start));
    if (isMember(node, 'env')) environmentReads.set(node.start, lineAt(node.start));
    const call = readConfigCall.safeParse(node);
    if (call.success) for (const { start } of call.data.arguments) handedOn.add(start);
    const parameter = defaultValue.safeParse(node);
    if (parameter.success) handedOn.add(parameter.data.right.start);
  });
  return {
    path,
    imports,
    revealLines,
    environmentLines: [...environmentReads].filter(([start]) => !handedOn.has(start)).map(([, line]) => line),
    hasDefaultExport,
    lineCount: text.trimEnd().split('\n').length,
  };
}

const node = z.looseObject({ type: z.string(), start: z.number() });
type Node = z.infer<typeof node>;

const importedFrom = z.looseObject({
  type: z.enum([
    'ImportDeclaration',
    'ExportNamedDeclaration',
    'ExportAllDeclaration',
    'ImportExpression',
    'TSImportType',
  ]),
  source: z.looseObject({ value: z.string() }),
  importKind: z.string().optional(),
  exportKind: z.string().optional(),
  start: z.number(),
});

const readConfigCall = z.looseObject({
  type: z.literal('CallExpression'),
  callee: z.looseObject({ name: z.literal('readConfig') }),
  arguments: z.array(node),
});

const defaultValue = z.looseObject({ type: z.literal('AssignmentPattern'), right: node });

const member = z.looseObject({
  type: z.literal('MemberExpression'),
  object: z.looseObject({ name: z.string().optional() }),
  property: z.looseObject({ name: z.string().optional() }),
});

/** `anything.reveal`, `process.env`. */
function isMember(candidate: Node, property: 'reveal' | 'env'): boolean {
  const parsed = member.safeParse(candidate);
  if (!parsed.success || parsed.data.property.name !== property) return false;
  return property === 'reveal' || parsed.data.object.name === 'process';
}

function visit(value: unknown, take: (node: Node) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) visit(item, take);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  const parsed = node.safeParse(value);
  if (parsed.success) take(parsed.data);
  for (const child of Object.values(value)) visit(child, take);
}

function resolve(path: string, specifier: string): string {
  return new URL(specifier, `file:///${path}`).pathname.slice(1);
}
