/** `__Host-` binds the cookie to this host, but browsers take it over https only. */
export function sessionCookieName(publicUrl: string): string {
  return isHttps(publicUrl) ? '__Host-gatehouse' : 'gatehouse';
}

export function sessionCookieOptions(publicUrl: string) {
  return { httpOnly: true, sameSite: 'lax', path: '/', secure: isHttps(publicUrl) } as const;
}

/** Read where people sign in, and nowhere else. */
const signInPath = '/api/v2/session';

export function browserCookieName(publicUrl: string): string {
  return isHttps(publicUrl) ? '__Secure-gatehouse-browser' : 'gatehouse-browser';
}

export function browserCookieOptions(publicUrl: string) {
  return { ...sessionCookieOptions(publicUrl), path: signInPath } as const;
}

function isHttps(publicUrl: string): boolean {
  return publicUrl.startsWith('https:');
}
