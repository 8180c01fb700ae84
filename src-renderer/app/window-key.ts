/** What of a browser's window this needs. */
export interface KeyPlaces {
  readonly location: Pick<Location, 'hash' | 'pathname'>;
  readonly history: Pick<History, 'replaceState'>;
  readonly sessionStorage: Pick<Storage, 'getItem' | 'setItem'>;
}

const IN_ADDRESS = /^#window=([\w-]{43})$/;
const KEPT_AS = 'tenantdesk-window';

/**
 * The key that the one-time address gave this window, in the browser shell: taken out of the address at once, and kept where no other origin, window or
 * port reads it, for when the page is loaded again. Null: this window was not opened by such an address.
 */
export function takeWindowKey({ location, history, sessionStorage }: KeyPlaces): string | null {
  const given = IN_ADDRESS.exec(location.hash)?.[1];
  if (given === undefined) return sessionStorage.getItem(KEPT_AS);
  sessionStorage.setItem(KEPT_AS, given);
  history.replaceState(null, '', location.pathname);
  return given;
}
