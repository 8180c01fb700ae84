/**
 * Chromium knows no `app:` scheme without Electron, so the page lives under a name of its own that no network has: it is a
 * secure origin, and every request to it is answered by main's own protocol handler.
 */
const HOST_END = '.app.standin.test';

/** `app://console/x` → `https://console.app.standin.test/x`. */
export function toChromium(address: string): string {
  const { protocol, host, pathname, search, hash } = new URL(address);
  return protocol === 'app:' ? `https://${host}${HOST_END}${pathname}${search}${hash}` : address;
}

/** The other way; undefined for an address that is not the app's. */
export function toApp(address: string): string | undefined {
  const url = URL.parse(address);
  if (url?.protocol !== 'https:' || !url.host.endsWith(HOST_END)) return undefined;
  return `app://${url.host.slice(0, -HOST_END.length)}${url.pathname}${url.search}`;
}

/** Origin of an address as Electron tells it: `app://console`, `null` for one without. */
export function originOf(address: string): string {
  const app = toApp(address);
  return app === undefined ? (URL.parse(address)?.origin ?? 'null') : app.split('/').slice(0, 3).join('/');
}
