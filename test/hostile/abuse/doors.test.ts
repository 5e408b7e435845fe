import { afterAll, beforeAll } from 'vitest';
import { type AbuseWorld, startAbuseWorld } from './abuse-world.ts';
import { enumerationRows } from './enumeration-rows.ts';
import { passwordRows } from './guessing-rows.ts';
import { tokenRows } from './token-rows.ts';

let world: AbuseWorld;
beforeAll(async () => {
  world = await startAbuseWorld();
});
afterAll(() => world?.stop());

passwordRows(() => world);
tokenRows(() => world);
enumerationRows(() => world);
