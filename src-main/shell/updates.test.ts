import { beforeEach, expect, it } from 'vitest';
import type { UpdatesState } from '../contract/shell.ts';
import { createFakeClock, settle, type FakeClock } from '../testing/fake-clock.ts';
import { createFakeLogger, type FakeLogger } from '../testing/fake-logger.ts';
import { createUpdates, isNewer, type Updater, type Updates } from './updates.ts';

const DAY_MS = 24 * 3_600_000;
let clock: FakeClock;
let log: FakeLogger;
let news: string[];
let asked: string[];
let newest: string | null | Error;
let fetched: PromiseWithResolvers<void>;
let tellPercent: (percent: number) => void;
let wanted: boolean;
let underWay: boolean;
let state: UpdatesState;
let updates: Updates;

beforeEach(() => {
  clock = createFakeClock();
  log = createFakeLogger();
  news = [];
  asked = [];
  newest = '0.2.0';
  fetched = Promise.withResolvers();
  wanted = true;
  underWay = false;
  const updater: Updater = {
    current: '0.1.0',
    async check() {
      asked.push('check');
      if (newest instanceof Error) throw newest;
      return newest;
    },
    download(tell) {
      asked.push('download');
      tellPercent = tell;
      return fetched.promise;
    },
    install: () => void asked.push('install'),
  };
  updates = createUpdates({
    updater,
    clock,
    log,
    wanted: () => wanted,
    underWay: () => underWay,
    onChange: (next) => (state = next),
    onNews: (sentence) => news.push(sentence),
  });
  state = updates.first;
});

async function ready(): Promise<void> {
  await updates.check();
  updates.download();
  fetched.resolve();
  await settle();
}

it('looks some time after the start and then once a day, tells a version once, and fetches nothing', async () => {
  await clock.advance(4 * 60_000);
  expect(asked).toEqual([]);
  await clock.advance(60_000);
  expect(state).toEqual({ current: '0.1.0', step: 'found', version: '0.2.0', percent: null, trouble: null });
  await clock.advance(3 * DAY_MS);
  expect(asked).toEqual(['check', 'check', 'check', 'check']);
  expect(news).toEqual(['TenantDesk 0.2.0 is there. Download it in the settings.']);
});

it('does not look by itself when the user does not want it, but by a click', async () => {
  wanted = false;
  await clock.advance(2 * DAY_MS);
  expect(asked).toEqual([]);
  await updates.check();
  expect(state.step).toBe('found');
});

it.each([
  ['0.1.0', false],
  ['0.0.9', false],
  ['0.1.1', true],
  ['0.10.0', true],
  ['1.0.0', true],
  ['1.0.0-beta.1', false],
  ['1.0.0+7', false],
  ['v1.0.0', false],
  ['1.0', false],
  ['', false],
])('%s is newer than 0.1.0: %s', (version, is) => expect(isNewer(version, '0.1.0')).toBe(is));

it('what is not newer is not offered', async () => {
  newest = '0.0.9';
  await updates.check();
  expect(state).toMatchObject({ step: 'newest', version: null });
  expect(() => updates.download()).toThrow('no newer version');
  expect(news).toEqual([]);
});

it('fetches by a click, says how far, and installs by another', async () => {
  expect(() => updates.install()).toThrow('no downloaded version');
  await updates.check();
  updates.download();
  tellPercent(40);
  expect(state).toMatchObject({ step: 'downloading', percent: 40 });
  await updates.check();
  expect(() => updates.download()).toThrow('no newer version');
  expect(() => updates.install()).toThrow('no downloaded version');
  fetched.resolve();
  await settle();
  expect(state).toMatchObject({ step: 'ready', percent: null });
  await clock.advance(2 * DAY_MS);
  expect(asked).toEqual(['check', 'download']);
  expect(news.at(-1)).toBe('TenantDesk 0.2.0 is downloaded. Restart to install it, in the settings.');
  updates.install();
  expect([state.step, asked.at(-1)]).toEqual(['installing', 'install']);
});

it('installs nothing while work is under way', async () => {
  await ready();
  underWay = true;
  expect(() => updates.install()).toThrow('under way');
  expect(asked).not.toContain('install');
  underWay = false;
  updates.install();
  expect(asked).toContain('install');
});

it('a server that is away is a sentence, and what was found stays', async () => {
  newest = new Error('ENOTFOUND');
  await updates.check();
  expect(state).toMatchObject({ step: 'none', trouble: expect.stringContaining('could not be asked') });
  expect(log.lines).toHaveLength(1);
  newest = '0.2.0';
  await updates.check();
  expect(state).toMatchObject({ step: 'found', trouble: null });
  newest = new Error('ENOTFOUND');
  await updates.check();
  expect(state).toMatchObject({ step: 'found', version: '0.2.0' });
});

it('a download that fails is a sentence, and may be asked for again', async () => {
  await updates.check();
  updates.download();
  fetched.reject(new Error('sha512 mismatch'));
  await settle();
  expect(state).toMatchObject({ step: 'found', trouble: 'TenantDesk 0.2.0 could not be downloaded. Try again later.' });
  fetched = Promise.withResolvers();
  updates.download();
  expect(state.step).toBe('downloading');
});

it('what was not installed in a way that can be replaced says so', async () => {
  newest = null;
  await updates.check();
  expect(state.trouble).toContain('by hand');
});

it('ends with the console', async () => {
  updates.close();
  await clock.advance(2 * DAY_MS);
  expect([asked, clock.timers]).toEqual([[], 0]);
});
