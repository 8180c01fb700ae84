import type { BrowserWindowConstructorOptions, Session } from 'electron';

/**
 * What a page of ours may do: nothing but show itself. Each guard is written out, also where it is Electron's default, so
 * that a test can hold them all and a changed default changes nothing.
 */
export const WEB_PREFERENCES = Object.freeze({
  contextIsolation: true,
  sandbox: true,
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  nodeIntegrationInSubFrames: false,
  webSecurity: true,
  allowRunningInsecureContent: false,
  experimentalFeatures: false,
  webviewTag: false,
  plugins: false,
  navigateOnDragDrop: false,
  // It fetches dictionaries from the network.
  spellcheck: false,
});

const FRAME = Object.freeze({
  title: 'TenantDesk',
  width: 1440,
  height: 900,
  minWidth: 720,
  minHeight: 480,
  show: false,
  autoHideMenuBar: true,
});

export interface WindowVariables extends Pick<BrowserWindowConstructorOptions, 'x' | 'y' | 'width' | 'height'> {
  readonly preload: string;
  readonly icon: string;
}

/** A fresh copy each time (Electron writes into what it is given); only paths and the place vary. */
export function windowOptions({ preload, ...place }: WindowVariables): BrowserWindowConstructorOptions {
  return { ...FRAME, ...place, webPreferences: { ...WEB_PREFERENCES, preload } };
}

/** A page to be printed: never seen, nothing runs in it, and its session is not the window's. */
export function printWindowOptions(session: Session): BrowserWindowConstructorOptions {
  return { show: false, webPreferences: { ...WEB_PREFERENCES, javascript: false, session } };
}
