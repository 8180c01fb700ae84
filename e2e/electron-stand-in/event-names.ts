/**
 * Events that may be listened to. Each is named once more in a call that compiles only while electron.d.ts has it: overloads
 * cannot be read out of a type.
 */
import type {
  App,
  BrowserWindow,
  MessagePortMain,
  Notification,
  PowerMonitor,
  Session,
  Tray,
  WebContents,
} from 'electron';

export const APP_EVENTS = [
  'web-contents-created',
  'second-instance',
  'open-url',
  'activate',
  'child-process-gone',
  'window-all-closed',
  'before-quit',
] as const;
export const WINDOW_EVENTS = ['ready-to-show', 'close', 'closed', 'resize', 'move', 'focus', 'unresponsive'] as const;
export const CONTENTS_EVENTS = [
  'will-navigate',
  'will-frame-navigate',
  'will-redirect',
  'will-attach-webview',
  'render-process-gone',
] as const;
export const TRAY_EVENTS = ['click'] as const;
export const NOTIFICATION_EVENTS = ['click', 'action', 'close'] as const;
export const POWER_EVENTS = ['suspend', 'lock-screen'] as const;
export const SESSION_EVENTS = ['will-download'] as const;
export const PORT_EVENTS = ['message', 'close'] as const;

const listener = (): void => undefined;

interface Emitters {
  app: App;
  window: BrowserWindow;
  contents: WebContents;
  session: Session;
  port: MessagePortMain;
  tray: Tray;
  notification: Notification;
  power: PowerMonitor;
}

void (({ app, window, contents, session, port, tray, notification, power }: Emitters) => [
  app
    .on('web-contents-created', listener)
    .on('second-instance', listener)
    .on('open-url', listener)
    .on('activate', listener)
    .on('child-process-gone', listener)
    .on('window-all-closed', listener)
    .on('before-quit', listener),
  window
    .on('ready-to-show', listener)
    .on('close', listener)
    .on('closed', listener)
    .on('resize', listener)
    .on('move', listener)
    .on('focus', listener)
    .on('unresponsive', listener),
  contents
    .on('will-navigate', listener)
    .on('will-frame-navigate', listener)
    .on('will-redirect', listener)
    .on('will-attach-webview', listener)
    .on('render-process-gone', listener),
  session.on('will-download', listener),
  port.on('message', listener).on('close', listener),
  tray.on('click', listener),
  notification.on('click', listener).on('action', listener).on('close', listener),
  power.on('suspend', listener).on('lock-screen', listener),
]);
