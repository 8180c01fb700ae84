import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Readable, Writable } from 'node:stream';
import { startChild, type Child } from '../../src-platform/process/child.ts';
import { ownName, removeLeftovers } from '../../src-platform/process/leftovers.ts';
import { createChromiumPipe, type ChromiumPipe } from './chromium-pipe.ts';
import type { Chromium } from './find-chromium.ts';

export interface AppWindow {
  /** Resolves when the user closed the window, or Chromium ended for another reason. */
  readonly closed: Promise<void>;
  /** Runs an expression in the page and resolves to its value (plain data). */
  evaluate(expression: string): Promise<unknown>;
  close(): Promise<void>;
}

export interface AppWindowOptions {
  readonly chromium: Chromium;
  /** The one-time address to open. */
  readonly address: string;
  /** True: no window; the page is rendered all the same. */
  readonly headless: boolean;
  readonly env: NodeJS.ProcessEnv;
}

const PROFILE = 'tenantdesk-window-';

/**
 * Opens Chromium with a fresh profile of its own, in its sandbox, and sends it to the address over the debugging pipe:
 * neither a process list nor the history of another browser ever holds the token.
 */
export async function openAppWindow(options: AppWindowOptions): Promise<AppWindow> {
  removeLeftovers(os.tmpdir(), PROFILE);
  const profile = mkdtempSync(path.join(os.tmpdir(), ownName(PROFILE)));
  const removeProfile = () => rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  let child: Child | undefined;
  try {
    child = await startChild({
      name: 'Chromium',
      command: options.chromium.executable,
      args: chromiumArguments(profile, options.headless),
      stopSignal: 'SIGTERM',
      stopTimeoutMs: 3000,
      refusesRoot: true,
      env: { ...options.env, HOME: profile, ...options.chromium.env },
      extraPipes: 2,
    });
    const pipe = pipeOf(child);
    const session = await Promise.race([pipe.attachToPage(), failed(child)]);
    await pipe.send('Page.navigate', { url: options.address }, session);
    return appWindow(child, pipe, session, removeProfile);
  } catch (error) {
    await child?.kill();
    removeProfile();
    throw error;
  }
}

function appWindow(child: Child, pipe: ChromiumPipe, session: string, removeProfile: () => void): AppWindow {
  return {
    closed: child.exited.then(removeProfile),
    async evaluate(expression) {
      const answer = await pipe.send(
        'Runtime.evaluate',
        { expression, returnByValue: true, awaitPromise: true },
        session,
      );
      if (typeof answer !== 'object' || answer === null || !('result' in answer)) return undefined;
      const { result } = answer;
      return typeof result === 'object' && result !== null && 'value' in result ? result.value : undefined;
    },
    async close() {
      await child.stop();
      removeProfile();
    },
  };
}

function pipeOf(child: Child): ChromiumPipe {
  const [toChromium, fromChromium] = child.pipes;
  if (!(toChromium instanceof Writable) || !(fromChromium instanceof Readable)) {
    throw new Error('Chromium has no debugging pipe.');
  }
  return createChromiumPipe(toChromium, fromChromium);
}

async function failed(child: Child): Promise<never> {
  const { code, signal } = await child.exited;
  throw new Error(`Chromium ended before it had a page (${signal ?? `exit code ${code}`}).`);
}

function chromiumArguments(profile: string, headless: boolean): string[] {
  const start = 'data:text/html,<title>TenantDesk</title>';
  return [
    '--remote-debugging-pipe',
    `--user-data-dir=${profile}`,
    '--no-first-run',
    '--no-default-browser-check',
    '--password-store=basic',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    ...(headless ? ['--headless', '--window-size=1440,900', start] : [`--app=${start}`, '--window-size=1440,900']),
  ];
}
