import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Readable, Writable } from 'node:stream';
import { startChild, type Child } from '../../src-platform/process/child.ts';
import { ownName, removeLeftovers } from '../../src-platform/process/leftovers.ts';
import { createChromiumPipe, type ChromiumPipe } from './chromium-pipe.ts';
import type { Chromium } from './find-chromium.ts';

/** A Chromium of our own, in its sandbox, with a fresh profile that goes with it. */
export interface ChromiumProcess {
  readonly pipe: ChromiumPipe;
  /** Session of its first page. */
  readonly session: string;
  /** Resolves when it has ended and its profile is gone. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

export interface ChromiumProcessOptions {
  readonly chromium: Chromium;
  readonly env: NodeJS.ProcessEnv;
  /** Begin of its profile's name in the folder for temporary files. */
  readonly profile: string;
  /** Switches besides those that every Chromium of ours has. */
  readonly args: readonly string[];
}

/** What it is told goes over its debugging pipe: no port is open, and no address stands in a process list. */
export async function startChromium(options: ChromiumProcessOptions): Promise<ChromiumProcess> {
  removeLeftovers(os.tmpdir(), options.profile);
  const profile = mkdtempSync(path.join(os.tmpdir(), ownName(options.profile)));
  const removeProfile = () => rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  let child: Child | undefined;
  try {
    child = await startChild({
      name: 'Chromium',
      command: options.chromium.executable,
      args: [...ALWAYS, `--user-data-dir=${profile}`, ...options.args],
      stopSignal: 'SIGTERM',
      stopTimeoutMs: 3000,
      refusesRoot: true,
      env: { ...options.env, HOME: profile, ...options.chromium.env },
      extraPipes: 2,
    });
    const pipe = pipeOf(child);
    const session = await Promise.race([pipe.attachToPage(), failed(child)]);
    const started = child;
    return {
      pipe,
      session,
      closed: started.exited.then(removeProfile),
      async close() {
        await started.stop();
        removeProfile();
      },
    };
  } catch (error) {
    await child?.kill();
    removeProfile();
    throw error;
  }
}

const ALWAYS = [
  '--remote-debugging-pipe',
  '--no-first-run',
  '--no-default-browser-check',
  '--password-store=basic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

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
