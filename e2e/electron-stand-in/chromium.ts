import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { findChromium } from '../../src-main/browser/find-chromium.ts';
import { startChild } from '../../src-platform/process/child.ts';
import { ownName, removeLeftovers } from '../../src-platform/process/leftovers.ts';
import { connectCdp, type Cdp } from './cdp.ts';

export interface StandInChromium {
  readonly cdp: Cdp;
  close(): Promise<void>;
}

const PROFILE = 'electron-stand-in-';
const LISTENING = /^DevTools listening on (ws:\/\/\S+)$/;

/** A headless Chromium in its sandbox, with no page. Its "DevTools listening" line is passed on: Playwright waits for it. */
export async function startChromium(): Promise<StandInChromium> {
  const chromium = await findChromium({ env: process.env });
  removeLeftovers(os.tmpdir(), PROFILE);
  const profile = mkdtempSync(path.join(os.tmpdir(), ownName(PROFILE)));
  const child = await startChild({
    name: 'Chromium',
    command: chromium.executable,
    args: [
      '--headless',
      '--remote-debugging-port=0',
      '--no-startup-window',
      `--user-data-dir=${profile}`,
      '--no-first-run',
      '--no-default-browser-check',
      '--password-store=basic',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      // What a page may open is main's to say; here nothing, and main is held to say so too.
      '--block-new-web-contents',
      // Electron's ports tell their page when they are closed; elsewhere Chromium keeps that behind a switch.
      '--enable-blink-features=MessagePortCloseEvent',
    ],
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 3000,
    refusesRoot: true,
    env: { ...process.env, HOME: profile, ...chromium.env },
    ready: LISTENING,
  });
  process.stderr.write(`${child.readyLine}\n`);
  const cdp = await connectCdp(LISTENING.exec(child.readyLine)?.[1] ?? '');
  return {
    cdp,
    async close() {
      cdp.close();
      await child.stop();
      rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}
