import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { InjectOptions } from 'fastify';
import { z } from 'zod';
import { startPrivateRedis } from '../../shared/test/private-redis.ts';
import { openParts } from '../src/app/open-parts.ts';
import { buildApp } from '../src/app.ts';
import type { Clock } from '../src/clock.ts';
import { readConfig } from '../src/config.ts';
import { createLogger } from '../src/logger.ts';
import { createApiToken } from '../src/services/create-api-token.ts';
import { inTransaction } from '../src/store/database.ts';
import { insertMembership } from '../src/store/memberships.ts';
import { createOrganization } from '../src/store/organizations.ts';
import { insertUser } from '../src/store/users.ts';

// What tests look into: any resource, list or error, loosely.
const resource = z.object({
  id: z.string(),
  type: z.string(),
  attributes: z.record(z.string(), z.unknown()),
  relationships: z.record(z.string(), z.object({ data: z.unknown().optional() })).optional(),
});
export type Resource = z.infer<typeof resource>;
const error = z.object({
  status: z.string(),
  code: z.string(),
  title: z.string(),
  detail: z.string(),
  source: z.object({ pointer: z.string().optional(), parameter: z.string().optional() }).optional(),
});

export type Answer = {
  status: number;
  headers: Record<string, unknown>;
  text: string;
  /** Throw when the body is something else. */
  data(): Resource;
  list(): Resource[];
  errors(): z.infer<typeof error>[];
};

export type Person = { id: string; username: string; token: string };

/** The whole api on a database file and a Redis of its own, asked without a socket. One for a test file; close it. */
export async function startApi(
  options: { publicUrl?: string; notificationAllow?: string; exchangeWaitMs?: number } = {},
) {
  const redisServer = await startPrivateRedis();
  const directory = await mkdtemp(path.join(tmpdir(), 'gh-api-'));
  const sealingKey = randomBytes(32).toString('base64url');
  const config = readConfig({
    GATEHOUSE_SEALING_KEY: sealingKey,
    GATEHOUSE_WORKER_TOKEN: randomBytes(32).toString('base64url'),
    // Loading the sources in a test stalls the loop by itself.
    GATEHOUSE_MAX_LAG_MS: '0',
    GATEHOUSE_DATA_DIR: directory,
    GATEHOUSE_PUBLIC_URL: options.publicUrl ?? 'http://gatehouse.test',
    REDIS_URL: redisServer.address,
    GATEHOUSE_NOTIFICATION_ALLOW: options.notificationAllow,
  });
  let now = new Date('2026-03-01T12:00:00Z');
  const clock: Clock = { now: () => now };
  const logLines: string[] = [];
  const logger = createLogger('trace', { write: (line) => void logLines.push(line) });
  const opened = await openParts(config, { clock, logger });
  const { exchangeWaitMs = opened.settings.exchangeWaitMs } = options;
  const parts = { ...opened, settings: { ...opened.settings, exchangeWaitMs } };
  const { database, redis, sealer } = parts;
  const app = await buildApp(parts);

  async function ask(request: InjectOptions): Promise<Answer> {
    const answer = await app.inject(request);
    // The answer of a defect says nothing; the log does.
    if (answer.statusCode === 500) throw new Error(logLines.findLast((line) => line.includes('request failed')));
    const parse = <Schema extends z.ZodType>(schema: Schema) => {
      const parsed = schema.safeParse(JSON.parse(answer.body || 'null'));
      if (!parsed.success) throw new Error(`not the expected kind of answer: ${answer.statusCode} ${answer.body}`);
      return parsed.data;
    };
    return {
      status: answer.statusCode,
      headers: answer.headers,
      text: answer.body,
      data: () => parse(z.object({ data: resource })).data,
      list: () => parse(z.object({ data: z.array(resource) })).data,
      errors: () => parse(z.object({ errors: z.array(error) })).errors,
    };
  }

  async function person(
    username: string,
    more: { isSiteAdmin?: boolean; passwordHash?: string } = {},
  ): Promise<Person> {
    const { isSiteAdmin = false, passwordHash = null } = more;
    const by = { actor: { userId: null, username: 'test' }, organization: null };
    const user = inTransaction(database, (transaction) =>
      insertUser(transaction, { username, passwordHash, isSiteAdmin }, by, now),
    );
    const actor = { userId: user.id, username, isSiteAdmin, via: 'token' } as const;
    const made = await createApiToken({ database, clock }, actor, { description: 'test', expiresAt: null });
    return { id: user.id, username, token: made.token.reveal() };
  }

  async function organization(name: string, members: { owner: Person; member?: Person }): Promise<void> {
    const actor = { ...members.owner, userId: members.owner.id, isSiteAdmin: false, via: 'token' } as const;
    await createOrganization(database, actor, { name, email: 'a@example.com' }, now);
    const { member } = members;
    if (member === undefined) return;
    inTransaction(database, (transaction) => {
      const user = { userId: member.id, username: member.username };
      return insertMembership(transaction, actor, { organization: name, user, role: 'member' }, now);
    });
  }

  return {
    app,
    config,
    clock,
    database,
    databaseFile: path.join(directory, 'gatehouse.db'),
    logLines,
    parts,
    redis,
    sealer,
    ask,
    person,
    organization,
    advance: (ms: number) => {
      now = new Date(now.getTime() + ms);
    },
    /** `body`: attributes of a request document. */
    as(who: Pick<Person, 'token'>) {
      const send = (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, attributes?: object) =>
        ask({
          method,
          url: `/api/v2${path}`,
          headers: { authorization: `Bearer ${who.token}` },
          ...(attributes === undefined ? {} : { payload: { data: { attributes } } }),
        });
      return {
        get: (path: string) => send('GET', path),
        post: (path: string, attributes?: object) => send('POST', path, attributes),
        patch: (path: string, attributes: object) => send('PATCH', path, attributes),
        delete: (path: string) => send('DELETE', path),
      };
    },
    async close(): Promise<void> {
      await app.close();
      await parts.close();
      await redisServer.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export type RunningApi = Awaited<ReturnType<typeof startApi>>;
