import type { Event, Session, WebContents } from 'electron';

/** The page gets no permission and no device, and saves nothing by itself: the main side notifies and writes exports. */
export function guardSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler((_request, answer) => answer(null));
  session.on('will-download', prevent);
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
