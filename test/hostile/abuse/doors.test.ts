import { afterAll, beforeAll } from 'vitest';
import { type AbuseWorld, startAbuseWorld } from './abuse-world.ts';
import { browserRows } from './browser-rows.ts';
import { enumerationRows } from './enumeration-rows.ts';
import { passwordRows } from './guessing-rows.ts';
import { pathRows } from './path-rows.ts';
import { tokenRows } from './token-rows.ts';
import { wireRows } from './wire-rows.ts';

let world: AbuseWorld;
beforeAll(async () => {
  world = await startAbuseWorld();
});
afterAll(() => world?.stop());

passwordRows(() => world);
tokenRows(() => world);
enumerationRows(() => world);
wireRows(() => world);
browserRows(() => world);
pathRows(() => world);
