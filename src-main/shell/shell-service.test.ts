import { expect, it } from 'vitest';
import type { KeptFile } from '../infra/kept-file.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { createFakeLogger } from '../testing/fake-logger.ts';
import { BROWSER_ABILITIES } from './browser-abilities.ts';
import { createShellService, type ShellAbilities } from './shell-service.ts';

const ALL: ShellAbilities = {
  notifies: true,
  whyNot: { notifications: null, closeToTray: null, startAtLogin: null, updates: null },
  updater: null,
  apply: () => undefined,
};
const FIRST = { notifications: true, closeToTray: false, startAtLogin: false, updates: true };

function make(abilities = ALL, text?: string) {
  const kept = { text };
  const file: KeptFile = {
    path: '/settings.json',
    read: () => kept.text,
    write: (next) => void (kept.text = next),
    setAside: () => '',
  };
  const log = createFakeLogger();
  return {
    service: createShellService({ abilities, file, log, clock: createFakeClock(), underWay: () => false }),
    kept,
    log,
  };
}

it('starts nothing and leaves nothing running unasked', () => {
  expect(make().service.state.get().settings).toEqual(FIRST);
});

it('keeps what was set', () => {
  const { service, kept } = make();
  service.change({ ...FIRST, closeToTray: true });
  expect(make(ALL, kept.text).service.state.get().settings).toEqual({ ...FIRST, closeToTray: true });
});

it('says why a shell can’t do something, and takes no such setting from what another shell kept', () => {
  const { service, kept } = make(BROWSER_ABILITIES, JSON.stringify({ ...FIRST, closeToTray: true }));
  expect(service.state.get().settings.closeToTray).toBe(false);
  expect(() => service.change({ ...FIRST, startAtLogin: true })).toThrow('opened by a command');
  const rest = { ...FIRST, notifications: false, updates: false };
  expect(service.change(rest).notifications).toBe(false);
  expect(JSON.parse(kept.text ?? '')).toEqual(rest);
});

it('changes nothing when the system refuses', () => {
  const refusing: ShellAbilities = {
    ...ALL,
    apply: () => {
      throw new Error('EACCES');
    },
  };
  const { service, kept } = make(refusing);
  expect(() => service.change({ ...FIRST, startAtLogin: true })).toThrow('The system refused it');
  expect([service.state.get().settings, kept.text]).toEqual([FIRST, undefined]);
});

it('takes the usual settings when what was kept can’t be read, and says so', () => {
  const { service, log } = make(ALL, '{"closeToTray":"yes"}');
  expect(service.state.get().settings).toEqual(FIRST);
  expect(log.lines).toHaveLength(1);
});

it('remembers the last wish until the window went there, and a late word of an earlier one changes nothing', () => {
  const { service } = make();
  service.want({ kind: 'client', slug: 'clinic-b' });
  service.want({ kind: 'inbox', itemId: null });
  expect(service.state.get().wanted).toEqual({ number: 2, place: { kind: 'inbox', itemId: null } });
  service.arrived(1);
  expect(service.state.get().wanted?.number).toBe(2);
  service.arrived(2);
  expect(service.state.get().wanted).toBeNull();
});

it('shows a notice until it was read', () => {
  const { service } = make();
  service.tell('The window was loaded anew.');
  expect(service.state.get().notice).toBe('The window was loaded anew.');
  service.noticed();
  expect(service.state.get().notice).toBeNull();
});

it('without an updater there are no newer versions, and it says why', async () => {
  const { service } = make(BROWSER_ABILITIES);
  expect([service.state.get().updates, service.state.get().settings.updates]).toEqual([null, false]);
  await expect(service.update('check')).rejects.toThrow('runs from its sources');
});

it('with one the state tells how it stands, and news are shown until they were read', async () => {
  const { service } = make({
    ...ALL,
    updater: {
      current: '0.1.0',
      check: async () => '0.2.0',
      download: async () => undefined,
      install: () => undefined,
    },
  });
  expect(service.state.get().updates).toMatchObject({ current: '0.1.0', step: 'none' });
  await service.update('check');
  expect(service.state.get()).toMatchObject({
    updates: { step: 'found', version: '0.2.0' },
    notice: 'TenantDesk 0.2.0 is there. Download it in the settings.',
  });
});
