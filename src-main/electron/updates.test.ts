import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { createFakeClock, settle, type FakeClock } from '../testing/fake-clock.ts';
import { createElectronUpdates, type ElectronUpdates, type LoadedUpdater } from './updates.ts';

let resources: string;
let clock: FakeClock;
let events: EventEmitter;
let calls: string[];
let cancels: (url: string) => boolean;
let fake: LoadedUpdater;

beforeAll(() => {
  resources = mkdtempSync(path.join(os.tmpdir(), 'tenantdesk-updates-'));
  writeFileSync(path.join(resources, 'app-update.yml'), 'provider: generic\n');
});
afterAll(() => rmSync(resources, { recursive: true }));
beforeEach(() => {
  clock = createFakeClock();
  events = new EventEmitter();
  calls = [];
  fake = {
    autoDownload: true,
    autoInstallOnAppQuit: true,
    allowPrerelease: true,
    allowDowngrade: true,
    disableWebInstaller: false,
    logger: console,
    requestHeaders: null,
    netSession: {
      webRequest: {
        onBeforeRequest(listener) {
          cancels = (url) => {
            let cancelled = false;
            listener({ url }, ({ cancel }) => (cancelled = cancel));
            return cancelled;
          };
        },
      },
    },
    on: (event: string, hear: (...values: never[]) => void) =>
      events.on(event, (...values) => hear(...(values as never[]))),
    checkForUpdates: async () => ({ updateInfo: { version: '9.0.0' } }) as never,
    downloadUpdate: async () => {
      events.emit('download-progress', { percent: 41.7 });
      return [];
    },
    quitAndInstall: () => void calls.push('quitAndInstall'),
  };
});

function make(part: Partial<Parameters<typeof createElectronUpdates>[0]> = {}) {
  const load = vi.fn(async () => fake);
  const end = (): void => void calls.push('end');
  return {
    load,
    updates: createElectronUpdates({ isPackaged: true, version: '0.1.0', resources, clock, load, end, ...part }),
  };
}
const installing = (updates: ElectronUpdates) => updates.installAtEnd(() => calls.push('way'));

it.each([
  ['from its sources', { isPackaged: false }, 'runs from its sources'],
  ['packed without an address', { resources: os.tmpdir() }, 'packed without an address'],
  ['without resources', { resources: undefined }, 'packed without an address'],
])('%s there is no updater, and nothing is loaded', async (_name, part, sentence) => {
  const { updates, load } = make(part);
  expect(updates.updater).toBeNull();
  expect(updates.whyNot).toContain(sentence);
  expect(await installing(updates)).toBeUndefined();
  expect(load).not.toHaveBeenCalled();
});

it('is loaded when it is asked, once, and does nothing by itself', async () => {
  const { updates, load } = make();
  expect(load).not.toHaveBeenCalled();
  expect(await updates.updater?.check()).toBe('9.0.0');
  await updates.updater?.check();
  expect(load).toHaveBeenCalledTimes(1);
  expect(fake).toMatchObject({
    autoDownload: false,
    autoInstallOnAppQuit: false,
    allowPrerelease: false,
    allowDowngrade: false,
    disableWebInstaller: true,
    logger: null,
    requestHeaders: { 'x-user-staging-id': '00000000-0000-4000-8000-000000000000' },
  });
  expect([cancels('http://example.test/latest.yml'), cancels('https://example.test/latest.yml')]).toEqual([
    true,
    false,
  ]);
});

it('what can’t be replaced has no newest version', async () => {
  fake.checkForUpdates = async () => null;
  expect(await make().updates.updater?.check()).toBeNull();
});

it('tells a download in whole percent', async () => {
  const heard: number[] = [];
  await make().updates.updater?.download((percent) => heard.push(percent));
  expect(heard).toEqual([41]);
});

it('installs at the program’s end, when it was asked to, and then alone', async () => {
  const { updates } = make();
  expect(await installing(updates)).toBeUndefined();
  updates.updater?.install();
  void installing(updates);
  await settle();
  expect(calls).toEqual(['end', 'way', 'quitAndInstall']);
});

it.each([
  ['refused at once', () => (fake.quitAndInstall = () => events.emit('error', new Error('no rights'))), 'no rights'],
  [
    'thrown',
    () => {
      fake.quitAndInstall = () => {
        throw new Error('EACCES');
      };
    },
    'EACCES',
  ],
])('what is %s is a sentence', async (_name, arrange, sentence) => {
  arrange();
  const { updates } = make();
  updates.updater?.install();
  expect(await installing(updates)).toContain(sentence);
});

it('nothing at all is a sentence after five minutes', async () => {
  const { updates } = make();
  updates.updater?.install();
  const told = installing(updates);
  await clock.advance(5 * 60_000);
  expect(await told).toContain('nothing happened');
});
