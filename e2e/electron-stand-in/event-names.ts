/**
 * Events that may be listened to. Each is named once more in a call that compiles only while electron.d.ts has it: overloads
 * cannot be read out of a type.
 */
import type { App, BrowserWindow, MessagePortMain, Session, WebContents } from 'electron';

export const APP_EVENTS = ['web-contents-created', 'second-instance', 'window-all-closed', 'before-quit'] as const;
export const WINDOW_EVENTS = ['ready-to-show', 'closed'] as const;
export const CONTENTS_EVENTS = [
  'will-navigate',
  'will-frame-navigate',
  'will-redirect',
  'will-attach-webview',
  'render-process-gone',
] as const;
export const SESSION_EVENTS = ['will-download'] as const;
export const PORT_EVENTS = ['message', 'close'] as const;

const listener = (): void => undefined;

void ((app: App, window: BrowserWindow, contents: WebContents, session: Session, port: MessagePortMain) => [
  app
    .on('web-contents-created', listener)
    .on('second-instance', listener)
    .on('window-all-closed', listener)
    .on('before-quit', listener),
  window.on('ready-to-show', listener).on('closed', listener),
  contents
    .on('will-navigate', listener)
    .on('will-frame-navigate', listener)
    .on('will-redirect', listener)
    .on('will-attach-webview', listener)
    .on('render-process-gone', listener),
  session.on('will-download', listener),
  port.on('message', listener).on('close', listener),
]);
