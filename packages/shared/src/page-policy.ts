/**
 * The Content-Security-Policy of the web page: the api sends it with `index.html`, and the page's own tests run under it.
 * No inline script and no inline style, so no nonce either: Mantine's variables stand in a file, and what React writes
 * into `style` goes through the object model, which the policy does not concern.
 */
export const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');
