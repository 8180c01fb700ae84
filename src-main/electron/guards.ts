import type { Event, Session, WebContents } from 'electron';
import { APP_ORIGIN } from './app-protocol.ts';

/** The page may notify; it gets no other permission and no device, and saves nothing by itself: exports are written by the main side. */
export function guardSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, answer, { requestingUrl, isMainFrame }) =>
    answer(permission === 'notifications' && isMainFrame && isOurs(requestingUrl)),
  );
  session.setPermissionCheckHandler(
    (_contents, permission, origin) => permission === 'notifications' && isOurs(origin),
  );
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler((_request, answer) => answer(null));
  session.on('will-download', prevent);
}

function isOurs(url: string): boolean {
  return url === APP_ORIGIN || url.startsWith(`${APP_ORIGIN}/`);
}

/**
 * For every contents that ever comes to be: it stays on its page, opens no window, holds no guest. `openOutside` hears of an address
 * that it wants to have opened elsewhere, and says itself whether that is wanted.
 */
export function guardContents(contents: WebContents, openOutside: (url: string) => void): void {
  contents.on('will-navigate', prevent);
  contents.on('will-frame-navigate', prevent);
  contents.on('will-redirect', prevent);
  contents.on('will-attach-webview', prevent);
  contents.setWindowOpenHandler(({ url }) => {
    openOutside(url);
    return { action: 'deny' };
  });
}

function prevent(event: Pick<Event, 'preventDefault'>): void {
  event.preventDefault();
}
