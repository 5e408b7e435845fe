import { authorizationPath } from '@gatehouse/shared/terraform-login';

/**
 * Where to go after signing in. Only a path of this host: an address of another one would make the sign-in page a
 * springboard for it. Anything else leads to the first page.
 */
export function safeNextPath(next: string | null, origin: string): string {
  if (next === null || !next.startsWith('/') || !URL.canParse(next, origin)) return '/';
  const url = new URL(next, origin);
  return url.origin === origin ? `${url.pathname}${url.search}${url.hash}` : '/';
}

export function signInPath(from: { pathname: string; search: string; hash: string }): string {
  const next = `${from.pathname}${from.search}${from.hash}`;
  return next === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(next)}`;
}

/** What the sign-in page says of it: `run-8Kq2Vd in network-prod`; undefined: nothing in particular. */
export function nextInWords(next: string): string | undefined {
  if (next.startsWith(`${authorizationPath}?`)) return 'terraform login';
  const run = /^\/app\/([^/?#]+)\/([^/?#]+)\/runs\/([^/?#]+)/.exec(next);
  if (run !== null) return `${plain(run[3])} in ${plain(run[2])}`;
  const environment = /^\/(?:terraform\/[^/?#]+\/environments|app\/[^/?#]+)\/([^/?#]+)/.exec(next);
  return environment === null ? undefined : plain(environment[1]);
}

function plain(encoded: string = ''): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}
