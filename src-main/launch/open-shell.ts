import { randomBytes } from 'node:crypto';
import { openAppWindow } from '../browser/app-window.ts';
import { startBrowserServer } from '../browser/browser-server.ts';
import { findChromium, NoChromiumError, type Chromium } from '../browser/find-chromium.ts';
import type { ConsoleRouter } from '../app/console-router.ts';
import { hasDisplay } from './display.ts';
import type { Lifetime } from './lifetime.ts';
import { smoke } from './smoke.ts';
import type { StartOptions } from './start-options.ts';

export interface ShellOptions {
  readonly options: StartOptions;
  readonly lifetime: Lifetime;
  /** Milliseconds since the command was started. */
  readonly clock: () => number;
  /** A line for the user. */
  readonly say: (line: string) => void;
  /** The one line of JSON that a program reads. */
  readonly print: (line: string) => void;
  readonly env: NodeJS.ProcessEnv;
}

/** Looks for a browser while the platform starts: unpacking one takes seconds. Undefined: none that fits. */
export async function prepareChromium(shell: ShellOptions): Promise<Chromium | undefined> {
  const { options, env, say } = shell;
  const { signal } = shell.lifetime;
  if (options.smoke) return findChromium({ env, say, signal });
  if (!options.open || !hasDisplay(env)) return undefined;
  return findChromium({ env, say, signal, windowed: true }).catch((error: unknown) => {
    if (error instanceof NoChromiumError) return undefined;
    throw error;
  });
}

/** Serves the console and shows it as the options say. Ends the lifetime when the window is closed. */
export async function openBrowserShell(
  shell: ShellOptions,
  router: ConsoleRouter,
  pageFolder: string,
  chromium: Chromium | undefined,
): Promise<void> {
  const { options, lifetime, say, env } = shell;
  let printsAddresses = false;
  const server = await startBrowserServer({
    router,
    pageFolder,
    random: randomBytes,
    nowMs: shell.clock,
    onOpened: (how) => {
      if (!printsAddresses) return;
      const why = how === 'in time' ? 'was used. A fresh one, for another window:' : 'was too old. A fresh one:';
      say(`The address ${why}\n  ${server.newAddress()}`);
    },
    onError: (error) => say(`tenantdesk: a window's connection failed: ${String(error)}`),
  });
  lifetime.onClose('page', () => server.close());

  if (options.smoke && chromium) {
    const window = await openAppWindow({ chromium, address: server.newAddress(), headless: true, env });
    lifetime.onClose('browser', () => window.close());
    void window.closed.then(() => lifetime.end({ exitCode: 1, message: 'The smoke test failed: Chromium ended.' }));
    return smoke({ ...shell, window, shell: 'browser' });
  }
  if (chromium) {
    const window = await openAppWindow({ chromium, address: server.newAddress(), headless: false, env }).catch(
      (error: unknown) => {
        say(`TenantDesk: no window could be opened. ${error instanceof Error ? error.message : String(error)}`);
        return undefined;
      },
    );
    if (window) {
      lifetime.onClose('window', () => window.close());
      void window.closed.then(() => lifetime.end({ exitCode: 0 }));
      say('TenantDesk is open. Close its window, or press Ctrl-C here, to stop everything.');
      return undefined;
    }
  }
  printsAddresses = true;
  const why = reasonForNoWindow(options, env, chromium);
  say(
    `TenantDesk is ready.${why} Open this address in a browser on this machine; it works once, within a quarter of an hour:`,
  );
  say(`  ${server.newAddress()}`);
  say('Press Ctrl-C to stop everything.');
  return undefined;
}

function reasonForNoWindow(options: StartOptions, env: NodeJS.ProcessEnv, chromium: Chromium | undefined): string {
  if (!options.open) return '';
  if (!hasDisplay(env)) return ' There is no display here, so no window was opened.';
  return chromium ? '' : ' No Chromium that can open a window was found.';
}
