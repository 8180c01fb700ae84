/** What stands around the window while there is a console: tray, badge, notifications, and the lock when the computer sleeps. */
import path from 'node:path';
import { createRouterClient } from '@orpc/server';
import { app, Menu, nativeImage, Notification, powerMonitor, Tray } from 'electron';
import type { MenuItemConstructorOptions, NativeImage } from 'electron';
import { createFleetWatch, type FleetNotice, type FleetStanding } from '../shell/fleet-watch.ts';
import { fleetIcon, fleetLines } from '../shell/fleet-words.ts';
import { notificationBody } from '../shell/notification-text.ts';
import { versionNotice } from '../shell/version-notice.ts';
import type { ShellCommands } from './application-menu.ts';
import type { ElectronShellOptions, ShellConsole } from './electron-shell.ts';
import type { MainWindow } from './main-window.ts';

export interface AttendOptions extends Pick<ElectronShellOptions, 'icons' | 'clock' | 'onError'> {
  readonly console: ShellConsole;
  readonly window: MainWindow;
  readonly commands: ShellCommands;
}

export function attendConsole({ console, window, commands, icons, clock, onError }: AttendOptions): void {
  const { browser } = window;
  const lock = (reason: 'sleep' | 'screen') => () => void console.lock(reason).catch(onError);
  powerMonitor.on('suspend', lock('sleep'));
  powerMonitor.on('lock-screen', lock('screen'));

  const tray = new Tray(picture(icons, 'unknown'));
  tray.on('click', commands.open);
  window.keepWhile(() => console.shell.state.get().settings.closeToTray);

  // Kept, because one that is collected is not heard any more; until it was clicked or closed.
  const shown = new Set<Notification>();
  function notify({ title, body, place }: FleetNotice): void {
    if (!console.shell.state.get().settings.notifications || browser.isFocused()) return;
    const notification = new Notification({
      title,
      body: notificationBody(body, process.platform),
      actions: [
        { type: 'button', text: 'Open' },
        { type: 'button', text: 'Later' },
      ],
    });
    shown.add(notification);
    const open = (): void => commands.want(place);
    notification.on('click', open);
    notification.on('action', ({ actionIndex }) => {
      if (actionIndex === 0) open();
    });
    notification.on('close', () => shown.delete(notification));
    notification.show();
    browser.flashFrame(true);
  }
  browser.on('focus', () => browser.flashFrame(false));

  const fleet = createFleetWatch({
    client: createRouterClient(console.router, { context: {} }),
    clock,
    onNotice: notify,
  });
  const told = new Set<string>();
  const unsubscribe = console.shell.state.subscribe(({ updates }) => {
    const news = updates && versionNotice(updates);
    if (!news || told.has(news.id)) return;
    told.add(news.id);
    notify(news);
  });
  const tell = (standing: FleetStanding): void => {
    const lines = fleetLines(standing);
    tray.setImage(picture(icons, fleetIcon(standing)));
    tray.setToolTip(['TenantDesk', ...lines].join('\n'));
    tray.setContextMenu(Menu.buildFromTemplate(trayMenu(lines, commands)));
    const count = standing.waiting ?? 0;
    app.setBadgeCount(count);
    if (process.platform === 'win32') {
      browser.setOverlayIcon(count === 0 ? null : picture(icons, 'badge'), count === 0 ? '' : `${count} waiting`);
    }
  };
  tell(fleet.standing.get());
  fleet.standing.subscribe(tell);
  browser.on('closed', () => {
    unsubscribe();
    fleet.close();
    tray.destroy();
  });
}

/** macOS wants black shapes, which it colours itself. */
function picture(folder: string, name: string): NativeImage {
  const kind = process.platform === 'darwin' && name !== 'badge' ? 'Template' : '';
  return nativeImage.createFromPath(path.join(folder, `tray-${name}${kind}.png`));
}

function trayMenu(lines: readonly string[], commands: ShellCommands): MenuItemConstructorOptions[] {
  return [
    ...lines.map((label) => ({ label, enabled: false })),
    { type: 'separator' },
    { label: 'Open TenantDesk', click: commands.open },
    { label: 'Inbox', click: () => commands.want({ kind: 'inbox', itemId: null }) },
    { label: 'Settings', click: () => commands.want({ kind: 'settings' }) },
    { label: 'Lock', click: commands.lock },
    { type: 'separator' },
    { label: 'Quit', click: commands.quit },
  ];
}
