import { describe, expect, test } from 'vitest';
import { adoptOrphanState } from '../../src/domain/adopt-orphan-state.ts';
import { countResources, outputTypeName, parseStateFile } from '../../src/domain/state-file.ts';

const resource = (mode: string, instances: number) => ({
  mode,
  type: 't',
  name: 'n',
  provider: 'p',
  instances: Array.from({ length: instances }, () => ({ attributes: {} })),
});
const state = (change: object = {}) => ({
  version: 4,
  terraform_version: '1.11.4',
  serial: 1,
  lineage: 'L',
  outputs: {},
  resources: [resource('managed', 2), resource('data', 5), resource('managed', 1)],
  check_results: null,
  ...change,
});
const bytes = (value: unknown) => Buffer.from(JSON.stringify(value, undefined, 2));

describe('a state file', () => {
  test('counts what terraform manages, not what it only reads', () => {
    expect(countResources(parseStateFile(bytes(state())))).toBe(3);
  });

  test.each([
    ['no JSON', Buffer.from('{"version": 4, "secret-marker')],
    ['no UTF-8', Buffer.concat([bytes(state()), Buffer.from([0xff])])],
    ['of another version', bytes(state({ version: 3 }))],
    ['without a serial', bytes(state({ serial: undefined }))],
    ['with a serial below zero', bytes(state({ serial: -1 }))],
    ['with a serial in words', bytes(state({ serial: 'secret-marker' }))],
    ['without resources', bytes(state({ resources: 'secret-marker' }))],
    ['an array', bytes([])],
    ['nothing', Buffer.alloc(0)],
  ])('is refused when it is %s, and its content is not told', (_what, content) => {
    let message = '';
    try {
      parseStateFile(content);
    } catch (error) {
      expect(error).toMatchObject({ code: 'state_invalid' });
      message = JSON.stringify([String(error), error instanceof Error ? String(error.cause) : '']);
    }
    expect(message).toMatch(/The state was refused/);
    expect(message).not.toContain('secret-marker');
  });

  test.each([
    ['string', 'string'],
    ['bool', 'bool'],
    [['list', 'string'], 'array'],
    [['tuple', ['number']], 'array'],
    [['object', { a: 'string' }], 'object'],
    [['map', 'string'], 'object'],
  ])('has outputs of type %j that the API calls %s', (detailed, name) => {
    expect(outputTypeName(detailed)).toBe(name);
  });
});

describe('a state that terraform could not place', () => {
  const orphan = Buffer.from(
    `${JSON.stringify(state({ serial: 0, lineage: '', outputs: { big: { value: 1, type: 'number' } } }), undefined, 2)}\n`.replace(
      '"value": 1',
      '"value": 123456789012345678901234567890',
    ),
  );

  test('follows the current one, and nothing else of it changes', () => {
    const adopted = Buffer.from(
      adoptOrphanState(orphan, { serial: 7, lineage: 'mine', md5: '', runId: null }),
    ).toString();
    expect(parseStateFile(Buffer.from(adopted))).toMatchObject({ serial: 8, lineage: 'mine' });
    expect(adopted.replace('"serial": 8', '"serial": 0').replace('"mine"', '""')).toBe(orphan.toString());
  });

  test('becomes the first where there is none', () => {
    const adopted = parseStateFile(adoptOrphanState(orphan, undefined));
    expect(adopted.serial).toBe(1);
    expect(adopted.lineage).toMatch(/^[0-9a-f-]{36}$/);
  });
});
