import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const css = readFileSync(path.join(import.meta.dirname, '../../src/theme/tokens.css'), 'utf8');

const tokens = new Map(
  [...css.matchAll(/--gh-([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map(
    ([, name = '', light = '', dark = '']) => [name, { light, dark }] as const,
  ),
);

const text = 4.5;
const edge = 3;
/** What stands on what: foreground, background, the least contrast (WCAG 2.2, 1.4.3 and 1.4.11). */
const pairs: readonly (readonly [string, string, number])[] = [
  ...['page', 'surface', 'log', 'idle-tint'].flatMap((ground) => [
    ['ink', ground, text] as const,
    ['muted', ground, text] as const,
    ['action', ground, text] as const,
  ]),
  ...['page', 'surface', 'log'].map((ground) => ['edge', ground, edge] as const),
  ...['page', 'surface'].flatMap((ground) =>
    ['need-text', 'ok', 'bad', 'idle'].map((family) => [family, ground, text] as const),
  ),
  ...['action', 'idle', 'ok', 'bad'].flatMap((family) => [
    [family, `${family}-tint`, text] as const,
    ['ink', `${family}-tint`, text] as const,
  ]),
  ['on-action', 'action', text],
  ['on-action', 'action-hover', text],
  ['on-bad', 'bad', text],
  ['on-bad', 'bad-hover', text],
  ['on-need', 'need-fill', text],
  ['on-need', 'mark-current', text],
  ['ink', 'mark', text],
  ['bad', 'surface', text],
  ...[...tokens.keys()].filter((name) => name.startsWith('ansi-')).map((name) => [name, 'log', text] as const),
];

describe.each(['light', 'dark'] as const)('%s', (scheme) => {
  test.each(pairs)('%s on %s has at least %f : 1', (foreground, background, least) => {
    expect(contrast(hex(foreground, scheme), hex(background, scheme))).toBeGreaterThanOrEqual(least);
  });
});

test('every colour token is part of a pair, or is decoration', () => {
  const paired = new Set(pairs.flatMap(([foreground, background]) => [foreground, background] as const));
  const decoration = ['line'];
  expect([...tokens.keys()].filter((name) => !paired.has(name) && !decoration.includes(name))).toEqual([]);
  expect(tokens.size).toBeGreaterThan(30);
});

function hex(name: string, scheme: 'light' | 'dark'): string {
  const token = tokens.get(name);
  if (token === undefined) throw new Error(`tokens.css has no --gh-${name}.`);
  return token[scheme];
}

function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].toSorted((a, b) => b - a);
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
