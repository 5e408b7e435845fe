/** `__Host-` binds the cookie to this host, but browsers take it over https only. */
export function sessionCookieName(publicUrl: string): string {
  return isHttps(publicUrl) ? '__Host-gatehouse' : 'gatehouse';
}

export function sessionCookieOptions(publicUrl: string) {
  return { httpOnly: true, sameSite: 'lax', path: '/', secure: isHttps(publicUrl) } as const;
}

function isHttps(publicUrl: string): boolean {
  return publicUrl.startsWith('https:');
}
