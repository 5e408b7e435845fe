import { parseDestination } from '@gatehouse/shared/address-guard';
import { parseHclLiteral, textsOfHcl } from '@gatehouse/shared/hcl-literal';
import { Secret } from '@gatehouse/shared/secret';
import { isExactVersion, parseConstraint } from '@gatehouse/shared/version-constraint';
import { expect } from 'vitest';
import { hiddenTexts, hideIn } from '../../../packages/api/src/domain/hide-texts.ts';
import { refusalOfUrl } from '../../../packages/api/src/domain/notification-rules.ts';
import { replaceSerial } from '../../../packages/api/src/domain/replace-serial.ts';
import { resourcesOf } from '../../../packages/api/src/domain/state-resources.ts';
import { SecretMask } from '../../../packages/worker/src/logs/secret-mask.ts';
import { TerminalFilter } from '../../../packages/worker/src/logs/terminal-filter.ts';
import { sumOf } from '../../../packages/worker/src/terraform/releases/sha256-sums.ts';
import { row } from '../../suites/row.ts';
import { isWholeSuite } from '../../suites/suite.ts';

/** What backtracks, or looks back, over such texts needs the square of their length: minutes for these. */
const length = isWholeSuite ? 200_000 : 60_000;
const repeated = [
  '[',
  '{"a":',
  '"',
  '\\',
  '\\"',
  ' ',
  '\t\n',
  '$',
  '${',
  '/*',
  '*/',
  '<<E\n',
  '<<',
  '#',
  '1',
  '1.',
  '-1',
  '1.1,',
  'a',
  '.',
  'module.a["',
  'module.a.',
];
const texts = repeated
  .flatMap((part) => (isWholeSuite ? [part, `${part}x`] : [part]))
  .map((unit) => unit.repeat(length / unit.length));

function masked(text: string): void {
  const mask = new SecretMask();
  for (const secret of [text.slice(0, 2_000), `${text.slice(0, 2_000)}!`, 'aaaaaaaaab']) mask.add(new Secret(secret));
  mask.whole(Buffer.from(text));
}

const stateOf = (module: string) => ({
  ...{ version: 4 as const, terraform_version: '1', serial: 1, lineage: '', outputs: {} },
  resources: [{ mode: 'managed', type: 'a', name: 'a', module, provider: '', instances: [] }],
});

const parsers: Record<string, (text: string) => unknown> = {
  'a constraint': parseConstraint,
  'a version': isExactVersion,
  'a destination': parseDestination,
  'an HCL value': parseHclLiteral,
  'texts of HCL': textsOfHcl,
  'an address of notifications': refusalOfUrl,
  'a module of a state': (text) => resourcesOf(stateOf(text)),
  'checksums of a release': (text) => sumOf('a', Buffer.from(text)),
  'the texts of a plan': (text) => hideIn(text, hiddenTexts(['aaaa', '[[[[', '""""', text.slice(0, 1_000)])),
  'a log with secrets': masked,
  'a log for terminals': (text) => new TerminalFilter().push(Buffer.from(text)),
  'the serial of a state': (text) => replaceSerial(Buffer.from(`{"a":${JSON.stringify(text)},"serial":1}`), 2),
};

row(
  {
    area: 'Parsers',
    harm: 'texts of very many brackets, quotes, blanks, marks and beginnings, to each of the parsers',
    holds: 'each takes time by the length of its text',
    isChosen: true,
  },
  () => {
    const slow: string[] = [];
    for (const [name, parse] of Object.entries(parsers)) {
      for (const text of texts) {
        const startedAt = performance.now();
        parse(text);
        const tookMs = performance.now() - startedAt;
        if (tookMs > 1_500) slow.push(`${name}: ${JSON.stringify(text.slice(0, 10))} took ${Math.round(tookMs)} ms`);
      }
    }
    expect(slow).toEqual([]);
  },
);
