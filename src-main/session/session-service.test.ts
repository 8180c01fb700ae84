import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LinkState, SessionState } from '../contract/session.ts';
import { OperatorError } from '../infra/operator-error.ts';
import type { PlatformChange } from '../infra/postgres/change-feed.ts';
import { createStateFeed, type WritableStateFeed } from '../infra/state-feed.ts';
import { createFakeClock, settle, type FakeClock } from '../testing/fake-clock.ts';
import { createFakeLogger, type FakeLogger } from '../testing/fake-logger.ts';
import type { GatewayParts } from './gateway-parts.ts';
import { createFakeCache } from '../testing/fake-cache.ts';
import { createRefreshGate, type RefreshGate } from '../infra/refresh-gate.ts';
import { createOfflineGuard, type OfflineGuard } from './offline-access.ts';
import { createSessionService, type SessionService } from './session-service.ts';

const asha = {
  login: 'asha',
  name: 'Asha Rao',
  role: 'operator' as const,
  raiseLimitNanoUsd: 500n,
  raised24hNanoUsd: 0n,
};
const about = {
  profile: { name: 'Local', kind: 'local' as const, colour: 'teal' },
  shell: 'browser' as const,
  version: '1',
};

let clock: FakeClock;
let log: FakeLogger;
let database: WritableStateFeed<LinkState>;
let gateway: WritableStateFeed<LinkState>;
let parts: WritableStateFeed<GatewayParts>;
let hear: (change: PlatformChange) => void;
let versions: { schema: string | null; gateways: { name: string; version: string }[] };
let whoami: () => Promise<SessionState['operator']>;
let access: OfflineGuard;
let gate: RefreshGate;
let session: SessionService;

beforeEach(() => {
  clock = createFakeClock();
  log = createFakeLogger();
  const connecting: LinkState = { state: 'connecting', since: clock.now(), reason: null };
  database = createStateFeed(connecting);
  gateway = createStateFeed(connecting);
  parts = createStateFeed<GatewayParts>({ gatewayDatabase: null, redis: null, gateways: [], providersAway: [] });
  whoami = async () => asha;
  versions = { schema: '0100-own', gateways: [] };
  const cache = createFakeCache();
  gate = createRefreshGate(database);
  access = createOfflineGuard({ cache, login: 'asha', database, clock });
  session = createSessionService({
    about,
    login: 'asha',
    schema: '0100-own',
    repository: {
      whoami: async () => ({ operator: await whoami(), at: clock.now(), ...versions }),
      missed: async () => ({ alerts: 0, requests: 0, decisions: 0 }),
    },
    database,
    gateway,
    parts,
    access,
    gate,
    kept: cache,
    changes: { onChange: (listener) => ((hear = listener), () => undefined) },
    clock,
    log,
  });
});

afterEach(() => {
  session.close();
  access.close();
  gate.close();
  expect([clock.timers, session.watchers, database.listeners, gateway.listeners]).toEqual([0, 0, 0, 0]);
});

async function now(): Promise<SessionState> {
  const stream = session.watch();
  const { value } = await stream.next();
  await stream.return();
  return value as SessionState;
}

const link = (state: LinkState['state'], reason: string | null = null): LinkState => ({
  state,
  since: clock.now(),
  reason,
});

describe('the session', () => {
  it('says who, where and how the parts are', async () => {
    expect(await now()).toEqual({
      ...about,
      operator: null,
      database: link('connecting'),
      gateway: link('connecting'),
      ...parts.get(),
      offlineSince: null,
      dataAsOf: null,
      locked: null,
      keptTrouble: null,
      skew: [],
      returns: 0,
      refreshed: true,
    });
    database.set(link('live'));
    hear({ kind: 'resync' });
    await settle();
    gateway.set(link('away', 'No gateway.'));
    expect(await now()).toEqual({
      ...about,
      operator: asha,
      database: link('live'),
      gateway: link('away', 'No gateway.'),
      ...parts.get(),
      offlineSince: null,
      dataAsOf: clock.now(),
      locked: null,
      keptTrouble: null,
      skew: [],
      returns: 1,
      refreshed: true,
    });
  });

  it('tells each change', async () => {
    const stream = session.watch();
    await stream.next();
    const next = stream.next();
    gateway.set(link('live'));
    expect((await next).value).toMatchObject({ gateway: { state: 'live' } });
    const after = stream.next();
    parts.set({ ...parts.get(), redis: link('away', 'Redis is gone.') });
    expect((await after).value).toMatchObject({ redis: { state: 'away', reason: 'Redis is gone.' } });
    await stream.return();
  });

  it('keeps the operator while the database is away', async () => {
    hear({ kind: 'resync' });
    await settle();
    whoami = () => Promise.reject(new OperatorError('UNAVAILABLE', 'away'));
    database.set(link('away', 'The database does not answer.'));
    session.refresh();
    await settle();
    expect(await now()).toMatchObject({ operator: asha, database: { state: 'away' } });
    expect(log.lines).toEqual([]);
  });

  it('says so when the login is no operator, or no longer', async () => {
    database.set(link('live'));
    hear({ kind: 'resync' });
    await settle();
    whoami = async () => null;
    hear({ kind: 'changed', topic: 'operators', tenantId: null });
    await settle();
    const state = await now();
    expect(state).toMatchObject({ operator: null, database: { state: 'away' } });
    expect(state.database.reason).toContain('"asha" is no operator');
  });

  it('tells what follows from other versions of schema and gateways', async () => {
    versions = { schema: '9000-later', gateways: [{ name: 'eu-1', version: '0.9.0' }] };
    session.refresh();
    await settle();
    expect((await now()).skew).toEqual([
      expect.stringContaining('newer than this console'),
      expect.stringContaining('eu-1 0.9.0'),
    ]);
  });

  it('asks again what was raised: after a change, and as time goes by', async () => {
    let raised = 0n;
    whoami = async () => ({ ...asha, raised24hNanoUsd: (raised += 1n) });
    session.refresh();
    await settle();
    expect((await now()).operator?.raised24hNanoUsd).toBe(1n);
    await clock.advance(60_000);
    expect((await now()).operator?.raised24hNanoUsd).toBe(2n);
  });

  it('logs a defect and stays', async () => {
    whoami = () => Promise.reject(new TypeError('column "name" is missing'));
    hear({ kind: 'resync' });
    await settle();
    expect(log.lines).toMatchObject([{ level: 'error' }]);
  });
});
