import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sessionName, sessionTags, sourceIdentity } from '../../src/domain/session-names.ts';

const runId = 'run-1ChRCoa7z55fhSzALbLpXS';

test.each([
  ['mia', 'mia', `mia-${runId}`],
  ['mia.o+ops@example.com', 'mia.o+ops@example.com', `mia.o+ops@example.com-${runId}`],
  ['Mía Ö', 'M_a__', `M_a__-${runId}`],
  ['m', 'm_', `m-${runId}`],
  ['', '__', `-${runId}`],
])('"%s" is named as AWS takes names', (username, identity, name) => {
  expect(sourceIdentity(username)).toBe(identity);
  expect(sessionName(username, runId)).toBe(name);
});

test('tags say user, run and workspace', () => {
  expect(sessionTags({ user: 'mia', run: runId, workspace: 'acme/prod' })).toEqual([
    { key: 'gatehouse:user', value: 'mia' },
    { key: 'gatehouse:run', value: runId },
    { key: 'gatehouse:workspace', value: 'acme/prod' },
  ]);
  expect(sessionTags({ user: 'aws:root', run: '', workspace: '' })[0]?.value).toBe('aws_root');
  expect(sessionTags({ user: 'Mía*?', run: '', workspace: '' })[0]).toEqual({ key: 'gatehouse:user', value: 'Mía__' });
});

test('AWS takes whatever names and tags come of it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
      expect(sourceIdentity(text)).toMatch(/^[\w+=,.@-]{2,64}$/);
      const name = sessionName(text, runId);
      expect(name).toMatch(/^[\w+=,.@-]{2,64}$/);
      expect(name.endsWith(runId)).toBe(true);
      for (const { key, value } of sessionTags({ user: text, run: runId, workspace: text })) {
        expect(key).toMatch(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u);
        expect(value).toMatch(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u);
        expect(key.startsWith('aws:')).toBe(false);
      }
    }),
  );
});
