/**
 * electron-updater behind the port of shell/updates.ts: loaded when it is asked for the first time, and only by a program that was packed with an
 * address to ask (app-update.yml beside the archive, written by electron-builder). It decides nothing and does nothing unasked.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { AppUpdater } from 'electron-updater';
import type { Clock } from '../infra/clock.ts';
import type { Updater } from '../shell/updates.ts';

/** What is used of electron-updater. */
export type LoadedUpdater = Pick<
  AppUpdater,
  | 'autoDownload'
  | 'autoInstallOnAppQuit'
  | 'allowPrerelease'
  | 'allowDowngrade'
  | 'disableWebInstaller'
  | 'logger'
  | 'requestHeaders'
  | 'checkForUpdates'
  | 'downloadUpdate'
  | 'quitAndInstall'
> & {
  readonly netSession: {
    readonly webRequest: {
      onBeforeRequest(
        listener: (details: { url: string }, answer: (response: { cancel: boolean }) => void) => void,
      ): void;
    };
  };
  on(event: 'error', hear: (error: Error) => void): unknown;
  on(event: 'download-progress', hear: (progress: { percent: number }) => void): unknown;
};

export interface UpdatesOptions {
  readonly isPackaged: boolean;
  /** The version that runs. */
  readonly version: string;
  /** Electron's folder of resources; none outside of Electron. */
  readonly resources: string | undefined;
  readonly clock: Clock;
  readonly load: () => Promise<LoadedUpdater>;
  /** Begins the program's end. */
  readonly end: () => void;
}

export interface ElectronUpdates {
  /** Null: `whyNot` says why. */
  readonly updater: Updater | null;
  readonly whyNot: string | null;
  /**
   * When everything is closed: undefined where nothing is to be installed. Else it makes way, and the program is ended by what it installs; a
   * sentence when that does not happen.
   */
  installAtEnd(makeWay: () => void): Promise<string | undefined>;
}

const INSTALLING_MS = 5 * 60_000;
/** electron-updater names each installation by a random id in its requests; all of ours have the same. */
const NOBODY = { 'x-user-staging-id': '00000000-0000-4000-8000-000000000000' };

export async function loadElectronUpdater(): Promise<LoadedUpdater> {
  // Of a CommonJS module whose one export is a getter only the whole is there.
  const { default: found } = await import('electron-updater');
  return found.autoUpdater;
}

export function createElectronUpdates(options: UpdatesOptions): ElectronUpdates {
  const { isPackaged, version, resources, clock, load, end } = options;
  const without = (whyNot: string): ElectronUpdates => ({ updater: null, whyNot, installAtEnd: async () => undefined });
  if (!isPackaged) {
    return without('This TenantDesk runs from its sources. An installed one can look for newer versions.');
  }
  if (resources === undefined || !existsSync(path.join(resources, 'app-update.yml'))) {
    return without('This TenantDesk was packed without an address for newer versions: install them by hand.');
  }

  let asked = false;
  let tellPercent: (percent: number) => void = () => undefined;
  const failed = Promise.withResolvers<Error>();
  let loading: Promise<LoadedUpdater> | undefined;
  const loaded = (): Promise<LoadedUpdater> => (loading ??= load().then(prepared));
  function prepared(updater: LoadedUpdater): LoadedUpdater {
    updater.autoDownload = false;
    updater.autoInstallOnAppQuit = false;
    updater.allowPrerelease = false;
    updater.allowDowngrade = false;
    updater.disableWebInstaller = true;
    updater.requestHeaders = NOBODY;
    updater.logger = null;
    // Also where a server leads elsewhere.
    updater.netSession.webRequest.onBeforeRequest(({ url }, answer) => answer({ cancel: !url.startsWith('https://') }));
    updater.on('download-progress', ({ percent }) => tellPercent(Math.min(100, Math.floor(percent))));
    // What is asked for answers by itself; this one is for the installing, which answers nothing.
    updater.on('error', (error) => {
      if (asked) failed.resolve(error);
    });
    return updater;
  }

  return {
    whyNot: null,
    updater: {
      current: version,
      async check() {
        const result = await (await loaded()).checkForUpdates();
        return result?.updateInfo.version ?? null;
      },
      async download(tell) {
        tellPercent = tell;
        await (await loaded()).downloadUpdate();
      },
      install() {
        asked = true;
        end();
      },
    },
    async installAtEnd(makeWay) {
      if (!asked) return undefined;
      const cancel = clock.after(INSTALLING_MS, () => failed.resolve(new Error('nothing happened for five minutes')));
      try {
        const updater = await loaded();
        makeWay();
        updater.quitAndInstall(false, true);
      } catch (error) {
        failed.resolve(error instanceof Error ? error : new Error(String(error)));
      }
      const { message } = await failed.promise;
      cancel();
      return `The new version could not be installed: ${message}. Start TenantDesk again, or install it by hand.`;
    },
  };
}
