import type { MenuItemConstructorOptions } from 'electron';
import type { WantedPlace } from '../contract/shell.ts';

/** What menus and tray can ask for. */
export interface ShellCommands {
  readonly open: () => void;
  readonly want: (place: WantedPlace) => void;
  readonly lock: () => void;
  readonly quit: () => void;
}

/** Editing, zoom and window by Electron's own roles; Electron's default menu has links to other sites and more. */
export function applicationMenu(platform: NodeJS.Platform, commands: ShellCommands): MenuItemConstructorOptions[] {
  return [
    ...(platform === 'darwin' ? [{ role: 'appMenu' } as const] : []),
    {
      label: 'Console',
      submenu: [
        { label: 'Inbox', accelerator: 'CmdOrCtrl+I', click: () => commands.want({ kind: 'inbox', itemId: null }) },
        { label: 'Settings', accelerator: 'CmdOrCtrl+,', click: () => commands.want({ kind: 'settings' }) },
        { type: 'separator' },
        // The page has the key already, also while somebody types.
        { label: 'Lock', accelerator: 'CmdOrCtrl+L', registerAccelerator: false, click: commands.lock },
        { label: 'Quit', accelerator: 'CmdOrCtrl+Q', click: commands.quit },
      ],
    },
    { role: 'editMenu' },
    {
      label: 'View',
      submenu: [
        { role: 'reload' },
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { role: 'togglefullscreen' },
      ],
    },
    { role: 'windowMenu' },
  ];
}
