import { z } from 'zod';
import type { World } from './world.ts';

export type InjectPayload = Record<string, unknown>;

const made = z.object({ data: z.object({ id: z.string() }) });
const refused = z.object({ errors: z.array(z.object({ code: z.string() })).min(1) });

/** What a person asks of the api; undefined while none answers. An answer of 500 is a defect, whatever was asked. */
export async function ask(
  world: World,
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  path: string,
  payload?: InjectPayload,
) {
  const api = world.api();
  if (api === undefined) return undefined;
  const answer = await api.app.inject({
    method,
    url: `/api/v2${path}`,
    headers: { authorization: `Bearer ${world.token}` },
    ...(payload === undefined ? {} : { payload }),
  });
  if (answer.statusCode === 500) throw new Error(`The api failed at ${method} ${path}: ${world.complaints.at(-1)}`);
  return {
    status: answer.statusCode,
    id: () => made.parse(JSON.parse(answer.body)).data.id,
    error(): string | undefined {
      return refused.safeParse(JSON.parse(answer.body || 'null')).data?.errors[0]?.code;
    },
  };
}

export type HttpAnswer = NonNullable<Awaited<ReturnType<typeof ask>>>;

/** The answer in a few words. */
export function said(answer: HttpAnswer | undefined): string {
  return answer === undefined ? 'nobody answers' : `${answer.status}${answer.error() ? ` ${answer.error()}` : ''}`;
}
