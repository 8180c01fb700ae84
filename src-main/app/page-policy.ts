/**
 * The one Content-Security-Policy of the page. `nonce` is new for each response; `connectTo` is the only address the page
 * may talk to.
 */
export function contentSecurityPolicy(options: { readonly nonce: string; readonly connectTo: string }): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${options.nonce}'`,
    "img-src 'self' data: blob:",
    "font-src 'self'",
    `connect-src ${options.connectTo}`,
    "worker-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types default',
  ].join('; ');
}
