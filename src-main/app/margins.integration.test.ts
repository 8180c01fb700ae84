/** The margin page through the whole console: every figure that the window gets equals the ledger and the contract; each role gets what is its own. */
import { randomUUID } from 'node:crypto';
import { Big } from 'big.js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeOperator, makeTenant, makeWorkflow, type OperatorRole } from '../../src-platform/testing/factories.ts';
import { makeGrantDesk } from '../../src-platform/testing/grant-desk.ts';
import { createTestDatabase, type TestDatabase } from '../../src-platform/testing/test-database.ts';
import type { MarginRow, MarginsState } from '../contract/margins.ts';
import { nextState } from '../testing/next-state.ts';
import { openTestConsole, type ConsoleClient } from '../testing/test-console.ts';

let db: TestDatabase;
const opened: { close(): Promise<void> }[] = [];
/** Clients of three currencies, one in a zone that is a quarter of an hour beside a half. */
const clients = [
  {
    id: '',
    name: 'Rupees',
    zone: 'Asia/Kolkata',
    currency: 'INR',
    rate: '0.0118291',
    retainerMinor: 1_234_567n,
    cost: 31_415_926_535n,
  },
  {
    id: '',
    name: 'Nepal',
    zone: 'Asia/Kathmandu',
    currency: 'NPR',
    rate: '0.0073999',
    retainerMinor: 900_001n,
    cost: 27_182_818_284n,
  },
  {
    id: '',
    name: 'Dollars',
    zone: 'America/New_York',
    currency: 'USD',
    rate: '1',
    retainerMinor: 50_000n,
    cost: 600_000_000_001n,
  },
];
const otherDirectCostMinor = 12_345n;
let withoutContract: string;

beforeAll(async () => {
  db = await createTestDatabase();
  const desk = await makeGrantDesk(db);
  for (const client of clients) {
    client.id = (await makeTenant(db, { name: client.name, timeZone: client.zone, currency: client.currency })).id;
    const workflow = await makeWorkflow(db, client.id);
    await desk.charge(client.id, Number(client.cost), { workflow_id: workflow });
  }
  withoutContract = (await makeTenant(db, { name: 'Nothing signed' })).id;
  await desk.charge(withoutContract, 5_000_000_000);
  const { client: admin } = await open('admin');
  for (const { currency, rate } of clients.filter(({ currency: code }) => code !== 'USD')) {
    const input = { currency, usdPerUnit: rate, source: 'test', expectedVersion: 0, idempotencyKey: randomUUID() };
    expect(await admin.margins.setRate(input)).toMatchObject({ version: 1, currency });
  }
  for (const client of clients) await admin.margins.setContract(contractOf(client));
});

afterEach(async () => {
  for (let last = opened.pop(); last; last = opened.pop()) await last.close();
});
afterAll(() => db.close());

async function open(role: OperatorRole, tenantIds?: string[]): Promise<{ client: ConsoleClient }> {
  const operator = await makeOperator(db, { role, tenantIds });
  const made = await openTestConsole({ ...operator, gatewayUrl: 'http://127.0.0.1:9' });
  opened.push(made.console);
  return made;
}

function contractOf({ id, currency, retainerMinor }: (typeof clients)[number], expectedVersion = 0) {
  const terms = {
    validFrom: '2025-01',
    validUntil: 'open' as const,
    currency,
    retainerMinor,
    overage: { kind: 'none' as const },
    otherDirectCostMinor,
    targetMarginBp: 6_500,
  };
  return { tenantId: id, terms, expectedVersion, idempotencyKey: randomUUID() as string };
}

async function margins(client: ConsoleClient, wanted: (state: MarginsState) => boolean): Promise<MarginsState> {
  return nextState(await client.margins.watch({ month: 'running' }), wanted);
}

const rounded = (amount: Big): bigint => BigInt(amount.round(0, Big.roundHalfUp).toFixed());
const minorOf = (nanoUsd: bigint, rate: string): bigint =>
  rounded(Big(nanoUsd.toString()).times(100).div(1e9).div(rate));

function check(row: MarginRow, client: (typeof clients)[number], today: Date): void {
  const [year = 0, month = 0, day = 0] = new Intl.DateTimeFormat('en-CA', { timeZone: client.zone })
    .format(today)
    .split('-')
    .map(Number);
  const days = new Date(Date.UTC(year, month, 0)).getUTCDate();
  const accrued = (minor: bigint): bigint => rounded(Big(minor.toString()).times(day).div(days));
  const toDate = {
    revenueMinor: accrued(client.retainerMinor),
    aiCostMinor: minorOf(client.cost, client.rate),
    otherCostMinor: accrued(otherDirectCostMinor),
  };
  const whole = {
    revenueMinor: client.retainerMinor,
    aiCostMinor: minorOf(row.forecastNanoUsd!, client.rate),
    otherCostMinor: otherDirectCostMinor,
  };
  const bp = ({ revenueMinor: revenue, aiCostMinor: ai, otherCostMinor: other }: typeof whole): bigint =>
    rounded(Big(((revenue - ai - other) * 10_000n).toString()).div(revenue.toString()));
  expect(row).toMatchObject({
    aiCostNanoUsd: client.cost,
    fx: { usdPerUnit: client.rate },
    toDate: { ...toDate, marginBp: bp(toDate) },
    whole: { ...whole, marginBp: bp(whole) },
  });
}

it('every figure of the page equals ledger and contract, the sums too', async () => {
  const { client } = await open('auditor');
  const state = await margins(client, ({ rows }) => rows.length === 4);
  for (const each of clients) {
    const row = state.rows.find(({ tenantId }) => tenantId === each.id)!;
    check(row, each, state.asOf!);
  }
  expect(state.rows.at(-1)).toMatchObject({
    tenantId: withoutContract,
    contract: null,
    whole: null,
    aiCostNanoUsd: 5_000_000_000n,
  });
  expect(state.rows[0]!.name, 'the largest loss first').toBe('Dollars');

  const sum = (pick: (row: MarginRow) => bigint): bigint => state.rows.reduce((all, row) => all + pick(row), 0n);
  const inUsd = (row: MarginRow, minor: bigint): bigint =>
    rounded(Big(minor.toString()).times(row.fx!.usdPerUnit).times(1e7));
  const { fleet } = state;
  const cost = sum(({ aiCostNanoUsd, forecastNanoUsd }) => forecastNanoUsd ?? aiCostNanoUsd);
  const revenue = sum((row) => (row.whole ? inUsd(row, row.whole.revenueMinor!) : 0n));
  expect(fleet).toMatchObject({
    clients: 3,
    withoutContract: 1,
    whole: { revenueMinor: minorOf(revenue, fleet!.fx.usdPerUnit), aiCostMinor: minorOf(cost, fleet!.fx.usdPerUnit) },
  });
});

it('a changed contract is on the page and in the audit log at once; a stale one is a conflict', async () => {
  const { client } = await open('admin');
  const target = clients[1]!;
  const before = await client.margins.contracts({ tenantId: target.id });
  expect(before.contracts).toMatchObject([{ version: 1, retainerMinor: target.retainerMinor, validUntil: 'open' }]);
  const change = contractOf({ ...target, retainerMinor: 2_000_000n }, 1);
  const stream = await client.margins.watch({ month: 'running' });
  const answer = await client.margins.setContract(change);
  expect(await client.margins.setContract(change), 'the same click sent twice').toEqual(answer);
  await nextState(
    stream,
    ({ rows }) => rows.find(({ tenantId }) => tenantId === target.id)?.whole?.revenueMinor === 2_000_000n,
  );
  await expect(client.margins.setContract(contractOf(target, 1))).rejects.toMatchObject({
    code: 'CONFLICT',
    message: 'The contract was changed meanwhile. Look at it again.',
  });
  const { entries } = await client.audit.list({ chain: target.id });
  expect(entries[0]).toMatchObject({ action: 'contract.set', before: expect.stringContaining('900001') });
  await client.margins.setContract(contractOf(target, 2));
});

describe('each role', () => {
  it.each<[OperatorRole, string]>([
    ['viewer', 'none'],
    ['account_manager', 'assigned'],
    ['operator', 'all'],
    ['admin', 'all'],
    ['auditor', 'all'],
  ])('%s: %s', async (role, sees) => {
    const own = clients[0]!.id;
    const { client } = await open(role, sees === 'assigned' ? [own] : undefined);
    const month = new Date().toISOString().slice(0, 7);
    if (sees === 'none') {
      for (const call of [
        () => client.margins.watch({ month: 'running' }),
        () => client.margins.watchColumn(),
        () => client.margins.drivers({ tenantId: own, month }),
        () => client.margins.contracts({ tenantId: own }),
        () => client.margins.rates(),
      ]) {
        await expect(call()).rejects.toMatchObject({ code: 'FORBIDDEN' });
      }
    } else {
      const state = await margins(client, ({ asOf }) => asOf !== null);
      expect(state.rows.map(({ tenantId }) => tenantId).sort()).toEqual(
        (sees === 'all' ? [...clients.map(({ id }) => id), withoutContract] : [own]).sort(),
      );
      const column = await nextState(await client.margins.watchColumn(), ({ asOf }) => asOf !== null);
      expect(column.margins.length).toBe(sees === 'all' ? 3 : 1);
      expect(await client.margins.drivers({ tenantId: own, month })).toMatchObject({ running: true, beforeBp: null });
      if (sees === 'assigned') {
        await expect(client.margins.drivers({ tenantId: clients[1]!.id, month })).rejects.toMatchObject({
          code: 'NOT_FOUND',
        });
        expect(await client.margins.contracts({ tenantId: clients[1]!.id })).toEqual({ contracts: [] });
      }
    }
    const contract = contractOf(clients[0]!, 9);
    const rate = { currency: 'EUR', usdPerUnit: '1.1', source: 'x', expectedVersion: 9, idempotencyKey: randomUUID() };
    const code = role === 'admin' ? 'CONFLICT' : 'FORBIDDEN';
    await expect(client.margins.setContract(contract)).rejects.toMatchObject({ code });
    await expect(client.margins.setRate(rate)).rejects.toMatchObject({ code });
  });
});
