import { rmSync } from 'node:fs';
import os from 'node:os';
import { app, Notification } from 'electron';
import { createKeptFile } from '../infra/kept-file.ts';
import { loginEntry, loginEntryFile } from '../shell/login-entry.ts';
import type { ElectronUpdates } from './updates.ts';
import type { ShellAbilities } from '../shell/shell-service.ts';

/** What Electron can do on this computer. Made when the program is ready. */
export function createElectronAbilities(
  env: NodeJS.ProcessEnv,
  { updater, whyNot }: Pick<ElectronUpdates, 'updater' | 'whyNot'>,
): ShellAbilities {
  const { isPackaged } = app;
  return {
    notifies: true,
    whyNot: {
      notifications: Notification.isSupported() ? null : 'This desktop shows no notifications.',
      closeToTray: null,
      startAtLogin: isPackaged
        ? null
        : 'This TenantDesk was started from its sources. The installed one can start with the computer.',
      updates: whyNot,
    },
    updater,
    apply({ startAtLogin }) {
      if (!isPackaged) return;
      if (process.platform === 'linux') applyOnLinux(startAtLogin, env);
      else app.setLoginItemSettings({ openAtLogin: startAtLogin, args: ['--hidden'] });
    },
  };
}

function applyOnLinux(startAtLogin: boolean, env: NodeJS.ProcessEnv): void {
  const file = loginEntryFile(env, os.homedir());
  // An AppImage runs from a place that is gone afterwards; it says where it lies itself.
  if (startAtLogin) createKeptFile(file).write(loginEntry(env['APPIMAGE'] ?? process.execPath));
  else rmSync(file, { force: true });
}
