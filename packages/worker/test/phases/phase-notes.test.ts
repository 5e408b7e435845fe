import { expect, test } from 'vitest';
import { PhaseNotes } from '../../src/phases/phase-notes.ts';

const note = (sequence: number) => ({ claimId: 'claim-1', sequence, lines: [`line ${sequence}`], isExtended: false });

test('each note is handed on once and in order, those that came before somebody followed first', () => {
  const notes = new PhaseNotes();
  const heard: number[] = [];
  expect(notes.seen).toBe(0);
  notes.hear(note(1));
  notes.hear(note(1));
  notes.follow(({ sequence }) => heard.push(sequence));
  for (const sequence of [1, 2, 2, 3, 1]) notes.hear(note(sequence));
  expect(heard).toEqual([1, 2, 3]);
  expect(notes.seen).toBe(3);
});
