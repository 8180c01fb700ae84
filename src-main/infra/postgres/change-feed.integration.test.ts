import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeOperator, makeTenant, type MadeOperator } from '../../../src-platform/testing/factories.ts';
import { createTestDatabase, type TestDatabase } from '../../../src-platform/testing/test-database.ts';
import { startFaultProxy } from '../../../src-platform/testing/fault-proxy.ts';
import { createFakeLogger } from '../../testing/fake-logger.ts';
import { nextState } from '../../testing/next-state.ts';
import { systemClock } from '../clock.ts';
import { createChangeFeed, type ChangeFeed, type PlatformChange } from './change-feed.ts';

let db: TestDatabase;
let viewer: MadeOperator;
let feed: ChangeFeed;
const log = createFakeLogger();

beforeAll(async () => {
  db = await createTestDatabase();
  viewer = await makeOperator(db, { role: 'viewer' });
});

afterEach(() => feed.close());
afterAll(() => db.close());

function open(url = viewer.url): PlatformChange[] {
  const heard: PlatformChange[] = [];
  feed = createChangeFeed({ postgresUrl: url, clock: systemClock, log, random: () => 1, heartbeatMs: 100 });
  feed.onChange((change) => heard.push(change));
  return heard;
}

const live = () => nextState(feed.link.watch(), (link) => link.state === 'live');

async function hears(heard: PlatformChange[], change: Partial<PlatformChange>): Promise<void> {
  await expect.poll(() => heard, { interval: 5 }).toContainEqual(expect.objectContaining(change));
}

describe('the change feed', () => {
  it('begins with a resync and hears each change, by topic and tenant', async () => {
    const heard = open();
    await live();
    expect(heard).toEqual([{ kind: 'resync' }]);
    const { id } = await makeTenant(db);
    await hears(heard, { kind: 'changed', topic: 'tenants', tenantId: id });
  });

  it('hears by the versions what no notification told', async () => {
    const heard = open();
    await live();
    await db.owner.query(`update platform.versions set version = version + 1 where topic = 'caps'`);
    await hears(heard, { kind: 'changed', topic: 'caps', tenantId: null });
    expect(
      heard.filter((change) => change.kind === 'changed'),
      'once',
    ).toHaveLength(1);
  });

  it('does not trip over a notification that is none', async () => {
    const heard = open();
    await live();
    const payloads = ['', 'x', '{"topic":1}', '[]'];
    await db.owner.query(`select pg_notify('platform_changed', payload) from unnest($1::text[]) payload`, [payloads]);
    const { id } = await makeTenant(db);
    await hears(heard, { kind: 'changed', topic: 'tenants', tenantId: id });
    expect(feed.link.get().state).toBe('live');
  });

  it('resyncs after its connection was cut by the server', async () => {
    const heard = open();
    await live();
    const links = feed.link.watch();
    const superuser = db.connect(db.superuserUrl, 1);
    await superuser.query(`select pg_terminate_backend(pid) from pg_stat_activity where usename = $1`, [viewer.login]);
    await nextState(links, (link) => link.state === 'away');
    await nextState(links, (link) => link.state === 'live');
    expect(heard).toEqual([{ kind: 'resync' }, { kind: 'resync' }]);
  });

  it('leaves no connection behind, however often it comes and goes', async () => {
    const proxy = await startFaultProxy(viewer.url);
    const heard = open(proxy.url);
    await live();
    for (let round = 2; round <= 6; round += 1) {
      proxy.set('refuse');
      proxy.set('forward');
      await expect.poll(() => heard.length, { interval: 5 }).toBe(round);
    }
    const count = async (): Promise<number> => {
      const superuser = db.connect(db.superuserUrl, 1);
      const { rows } = await superuser.query<{ n: number }>(
        'select count(*)::int as n from pg_stat_activity where usename = $1',
        [viewer.login],
      );
      return rows[0]!.n;
    };
    await expect.poll(count).toBe(1);
    await feed.close();
    await expect.poll(count).toBe(0);
    await proxy.close();
  });
});
