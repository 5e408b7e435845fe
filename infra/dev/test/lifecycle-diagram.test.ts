import { isTerminal, runEvents, runStatuses } from '@gatehouse/shared/run-status';
import { expect, test } from 'vitest';
import { lifecycleDiagram, withDiagram } from '../src/lifecycle-diagram.ts';

test('every status and every event of the table is drawn', () => {
  const diagram = lifecycleDiagram();
  for (const status of runStatuses) expect(diagram).toMatch(new RegExp(`\\b${status}\\b`));
  for (const event of runEvents) expect(diagram).toMatch(new RegExp(`: .*\\b${event}\\b`));
  for (const status of runStatuses.filter(isTerminal)) expect(diagram).toContain(`  ${status} --> [*]`);
});

test('the drawing replaces the old one and nothing else', () => {
  const mark = '<!-- begin: drawn by infra/dev/src/draw-run-lifecycle.ts -->';
  const drawn = withDiagram(`before\n${mark}\nold\n<!-- end -->\nafter\n`);
  expect(drawn).toBe(`before\n${mark}\n${lifecycleDiagram()}\n<!-- end -->\nafter\n`);
  expect(withDiagram(drawn)).toBe(drawn);
  expect(() => withDiagram('no place')).toThrow(/no place for the drawing/);
});
