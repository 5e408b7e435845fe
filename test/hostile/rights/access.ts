import type { Route } from '../../../packages/api/test/route-table.ts';
import { type ActorName, foreignPages, isMember, isServiceToken, isSignedIn } from './actors.ts';
import { allowed } from './allowed.ts';

export type Access =
  | 'anyone'
  | 'nobody without a password'
  | 'nobody without the secret of the path'
  | 'who is signed in'
  | 'people'
  | 'the page'
  | 'herself'
  | 'herself, and no token'
  | 'herself and site admins'
  | 'members'
  | 'members who are people'
  | 'members, but no organization token'
  | 'owners'
  | 'owners and who leaves'
  | 'owners, but no organization token'
  | 'owners who are people'
  | 'owners of any organization, and site admins'
  | 'site admins'
  | 'site admins on the page'
  | 'workers'
  | 'the plan'
  | 'the apply'
  | 'the apply, also when it was ended';

type Refusals = { member: number; stranger: number; token?: number };

type Rule = {
  may: (actor: ActorName) => boolean;
  /** What members, strangers and the tokens of teams and organizations are answered who may not. */
  refusals?: Refusals;
  /**
   * Of doors without a sign-in: what everybody else is answered; `otherJob`: a job
   * token that lives, of something else; `endedJob`: that of a plan which was ended; `foreignPage`: a write that the page
   * of another site sends.
   */
  closed?: { status: number; otherJob?: number; endedJob?: number; foreignPage?: number };
};

const isOneOf =
  (...names: ActorName[]) =>
  (actor: ActorName) =>
    names.includes(actor);
const isHerself = isOneOf('owner', 'session of the page');
const isAdmin = isOneOf('site admin', 'site admin on the page');
const isPerson = (actor: ActorName) => isSignedIn(actor) && !isServiceToken(actor);
/** Another organization's things are not there; of one's own it is told that they are not for everybody. */
const hidden: Refusals = { member: 403, stranger: 404 };
const hers = { member: 404, stranger: 404 };
const ours = { member: 403, stranger: 403 };

const rules: Record<Access, Rule> = {
  anyone: { may: () => true },
  'nobody without a password': { may: () => false, closed: { status: 401, foreignPage: 403 } },
  'nobody without the secret of the path': { may: () => false, closed: { status: 404, foreignPage: 403 } },
  'who is signed in': { may: isSignedIn },
  people: { may: isPerson, refusals: ours },
  'the page': { may: isOneOf('session of the page', 'site admin on the page'), refusals: ours },
  herself: { may: isHerself, refusals: hers },
  'herself, and no token': { may: isHerself, refusals: { ...hers, token: 403 } },
  'herself and site admins': { may: (actor) => isHerself(actor) || isAdmin(actor), refusals: ours },
  members: { may: isMember },
  'members who are people': {
    may: (actor) => isMember(actor) && isPerson(actor),
    refusals: { ...hidden, token: 403 },
  },
  'members, but no organization token': { may: (actor) => isMember(actor) && actor !== 'organization token' },
  owners: { may: isOneOf('owner', 'session of the page', 'organization token') },
  'owners and who leaves': { may: isOneOf('owner', 'member', 'session of the page', 'organization token') },
  'owners, but no organization token': { may: isHerself },
  'owners who are people': { may: isHerself, refusals: { ...hidden, token: 403 } },
  'owners of any organization, and site admins': {
    may: (actor) =>
      isHerself(actor) ||
      isAdmin(actor) ||
      isOneOf(
        'organization token',
        'owner of another organization',
        "another organization's organization token",
      )(actor),
    refusals: ours,
  },
  'site admins': { may: isAdmin, refusals: ours },
  'site admins on the page': { may: isOneOf('site admin on the page'), refusals: ours },
  workers: { may: isOneOf('worker token'), closed: { status: 401 } },
  'the plan': { may: isOneOf('job token of the run'), closed: { status: 401, otherJob: 403 } },
  'the apply, also when it was ended': {
    may: isOneOf('job token of the run that applies'),
    closed: { status: 401, otherJob: 403, endedJob: 403 },
  },
  'the apply': { may: isOneOf('job token of the run that applies'), closed: { status: 401, otherJob: 403 } },
};

const entries = Object.entries(allowed).flatMap(([access, lines]) =>
  lines
    .trim()
    .split('\n')
    .map((line) => {
      const [methods = '', url = ''] = line.trim().split(' ');
      // `allowed` has exactly these keys.
      return { access: access as Access, methods: methods.split(','), url };
    }),
);

/** What the table says of a route; undefined where it says nothing. */
export function accessOf({ method, url }: Pick<Route, 'method' | 'url'>): Access | undefined {
  return entries.find(
    (entry) =>
      (entry.methods.includes(method) || entry.methods.includes('ANY')) &&
      (entry.url === url || (entry.url.endsWith('*') && entry.url !== '/*' && url.startsWith(entry.url.slice(0, -1)))),
  )?.access;
}

/** Lines of the table for which there is no route any more. */
export function linesWithoutRoute(routes: readonly Route[]): string[] {
  return entries
    .filter(({ url }) => !url.endsWith('*'))
    .flatMap(({ methods, url }) => methods.map((method) => `${method} ${url}`))
    .filter((name) => !routes.some((route) => route.name === name));
}

/** `allowed`, or the status of the refusal. */
export function answerTo(actor: ActorName, method: string, access: Access): 'allowed' | number {
  const { may, refusals = hidden, closed } = rules[access];
  if (may(actor)) return 'allowed';
  if (closed !== undefined) {
    if (actor === 'session with the origin of another site' && method !== 'GET')
      return closed.foreignPage ?? closed.status;
    if (actor === 'ended job token') return closed.endedJob ?? closed.status;
    return actor.startsWith('job token of') ? (closed.otherJob ?? closed.status) : closed.status;
  }
  if (foreignPages.includes(actor)) {
    // A browser sends the cookie along to reads of other sites too, which cannot see the answer.
    return method === 'GET' ? answerTo('session of the page', method, access) : 403;
  }
  if (!isSignedIn(actor)) return 401;
  if (isServiceToken(actor) && refusals.token !== undefined) return refusals.token;
  return isMember(actor) ? refusals.member : refusals.stranger;
}
