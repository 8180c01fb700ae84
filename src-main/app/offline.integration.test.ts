import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeOperator, makeTenant, type MadeOperator } from '../../src-platform/testing/factories.ts';
import { startFaultProxy, type FaultProxy } from '../../src-platform/testing/fault-proxy.ts';
import { createTestDatabase, type TestDatabase } from '../../src-platform/testing/test-database.ts';
import { nextState } from '../testing/next-state.ts';
import { openTestConsole, type TestConsole } from '../testing/test-console.ts';

const CLIENT = 'Zebra Dental of Nagpur';
const NO_GATEWAY = { gatewayUrl: 'http://127.0.0.1:1', gatewayToken: 'none' };

let db: TestDatabase;
let operator: MadeOperator;
let line: FaultProxy;
let folder: string;
beforeAll(async () => {
  db = await createTestDatabase();
  operator = await makeOperator(db, { role: 'operator' });
  await makeTenant(db, { name: CLIENT });
  line = await startFaultProxy(operator.url);
  folder = mkdtempSync(path.join(os.tmpdir(), 'tenantdesk-offline-'));
});
afterAll(async () => {
  await line.close();
  await db.close();
  rmSync(folder, { recursive: true });
});

const start = (login = operator.login): Promise<TestConsole> =>
  openTestConsole({ login, url: line.url, folder, ...NO_GATEWAY });

it('what one console kept is in the next one without the platform, encrypted, for that login alone', async () => {
  const first = await start();
  const online = await nextState(await first.client.board.watch(), ({ rows }) => rows.length > 0);
  const margins = await nextState(await first.client.margins.watch({ month: 'running' }), ({ asOf }) => asOf !== null);
  await nextState(await first.client.requests.watch(), ({ asOf }) => asOf !== null);
  const { operator: whoOnline } = await nextState(
    await first.client.session.watch(),
    ({ operator: who }) => who !== null,
  );
  await first.console.close();
  const kept = readdirSync(path.join(folder, 'kept')).filter((name) => name.startsWith('cache-'));
  expect(kept).toHaveLength(1);
  expect(readFileSync(path.join(folder, 'kept', kept[0]!)).includes(CLIENT)).toBe(false);

  line.set('refuse');
  const second = await start();
  const session = await nextState(await second.client.session.watch(), ({ dataAsOf }) => dataAsOf !== null);
  expect(session).toMatchObject({
    operator: whoOnline,
    offlineSince: expect.any(Date),
    locked: null,
    refreshed: false,
  });
  const board = await nextState(await second.client.board.watch(), ({ rows }) => rows.length > 0);
  expect(board.keptAsOf!.getTime()).toBeLessThanOrEqual(board.at.getTime());
  expect(board.rows.map(({ name }) => name)).toEqual(online.rows.map(({ name }) => name));
  for (const row of board.rows) expect(row).toMatchObject({ source: 'kept', asOf: expect.any(Date) });
  const after = await nextState(await second.client.margins.watch({ month: 'running' }), ({ asOf }) => asOf !== null);
  expect(after.rows.map(({ name }) => name)).toEqual(margins.rows.map(({ name }) => name));
  expect((await nextState(await second.client.requests.watch(), ({ asOf }) => asOf !== null)).items).toEqual([]);
  await second.console.close();

  const other = await start('somebody_else');
  const locked = await nextState(await other.client.session.watch(), ({ locked: why }) => why !== null);
  expect(locked).toMatchObject({ operator: null, locked: expect.stringContaining('first sign-in needs the platform') });
  await expect(other.client.board.watch()).rejects.toMatchObject({ code: 'UNAUTHORIZED', message: locked.locked });
  await other.console.close();
});
