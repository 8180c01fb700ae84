import { expect, test } from 'vitest';
import type { Wallet } from '../grants/wallet.ts';
import type { Journal } from '../journal/journal.ts';
import { NO_USAGE } from '../pricing/price.ts';
import { testPrice } from '../testing/test-price.ts';
import { createCallAccounts, type CallAccount, type CallEnd } from './call-accounts.ts';
import type { LedgerRow } from './ledger-row.ts';

const BOUND = 5_000_000n;
/** At 10 USD a million. */
const COST_OF_A_TOKEN = 10_000;

/** A call that was admitted, and what everybody is told about it from then on; `full`: nothing can be written. */
async function opened({ full = false } = {}) {
  const told: string[] = [];
  const rows: LedgerRow[] = [];
  let onRecorded = (): void => undefined;
  const write = (what: string) => (): Promise<void> => {
    told.push(what);
    return full ? Promise.reject(new Error('full')) : Promise.resolve();
  };
  const ticket = { settled: write('written'), unsent: write('unsent written'), done: () => void told.push('done') };
  const accounts = createCallAccounts({
    journal: { admitted: () => ({ admitted: Promise.resolve(), ...ticket }) } as unknown as Journal,
    monotonic: () => 0,
    record: (row, _json, heard) => {
      rows.push(row);
      onRecorded = heard;
    },
    onSettled: () => undefined,
    onUnsent: (_tenantId, clientLeft) => void told.push(clientLeft ? 'left unsent' : 'failed unsent'),
    onOverBound: (_row, bound) => void told.push(`above ${bound}`),
    onJournalTrouble: () => void told.push('trouble'),
  });
  const wallet = {
    settle: (bound: bigint, cost: bigint, recorded: boolean) =>
      void told.push(`${bound} free, ${cost} spent${recorded ? ', a row comes' : ''}`),
    recorded: (cost: bigint) => void told.push(`${cost} recorded`),
    identity: { grantId: 'g' },
  } as unknown as Wallet;
  const account: CallAccount = await accounts.open({
    tenantId: 't',
    requestId: 'r',
    attempt: 1,
    keyId: 'k',
    workflowId: null,
    session: null,
    units: null,
    operation: 'chat',
    price: testPrice(),
    bound: BOUND,
    admittedAt: 1_700_000_000_000,
    wallet,
    quota: { settle: (tokens) => void told.push(`${tokens} tokens`) },
  });
  return { account, accounts, told, rows, ledgerHasIt: () => onRecorded() };
}

const billed = (outputTokens: number): CallEnd => ({
  kind: 'billed',
  usage: { ...NO_USAGE, inputTokens: 0, outputTokens },
  status: 200,
  outcome: 'ok',
});

test.each<[string, CallEnd, object | null, string[]]>([
  [
    'billed: that',
    billed(100),
    { kind: 'charge', outcome: 'ok', cost_nanousd: 100 * COST_OF_A_TOKEN },
    ['100 tokens', 'written', '5000000 free, 1000000 spent, a row comes'],
  ],
  [
    'an explicit zero: zero',
    billed(0),
    { kind: 'charge', outcome: 'ok', cost_nanousd: 0 },
    ['0 tokens', 'written', '5000000 free, 0 spent, a row comes'],
  ],
  [
    'above its bound: in full, and it is told',
    billed(600),
    { kind: 'charge', cost_nanousd: 600 * COST_OF_A_TOKEN },
    ['600 tokens', 'written', '5000000 free, 6000000 spent, a row comes', 'above 5000000'],
  ],
  [
    'an error without usage: a row of nothing',
    { kind: 'unbilled', status: 500 },
    { kind: 'charge', outcome: 'provider_error', cost_nanousd: 0, http_status: 500 },
    ['0 tokens', 'written', '5000000 free, 0 spent, a row comes'],
  ],
  [
    'nobody knows: an estimate of the bound, and its tokens stay counted',
    { kind: 'unknown', status: 502, outcome: 'interrupted' },
    { kind: 'estimate', outcome: 'interrupted', cost_nanousd: Number(BOUND) },
    ['null tokens', 'written', '5000000 free, 5000000 spent, a row comes'],
  ],
  [
    'never left: no row, the bound and its tokens are free again',
    { kind: 'unsent', clientLeft: false },
    null,
    ['5000000 free, 0 spent', '0 tokens', 'unsent written', 'failed unsent'],
  ],
  [
    'its client left before it was sent: the same, and nothing failed',
    { kind: 'unsent', clientLeft: true },
    null,
    ['5000000 free, 0 spent', '0 tokens', 'unsent written', 'left unsent'],
  ],
])('%s', async (_what, end, row, expected) => {
  const { account, accounts, told, rows, ledgerHasIt } = await opened();
  expect(accounts.openCalls).toBe(1);
  const { cost, written } = account.settle(end);
  await written;
  expect(told).toEqual(expected);
  expect(rows).toMatchObject(row === null ? [] : [{ ...row, request_id: 'r', grant_id: 'g' }]);
  expect(accounts.openCalls).toBe(0);

  // Whoever comes second changes nothing.
  expect(account.settle(billed(1)).cost).toBe(cost);
  expect(told).toEqual(expected);
  if (row === null) return;
  ledgerHasIt();
  expect(told.slice(expected.length)).toEqual(['done', `${cost} recorded`]);
});

test('a full disk is told, and changes nothing about what the ledger hears', async () => {
  const { account, told, rows } = await opened({ full: true });
  await account.settle(billed(100)).written;
  expect(told).toContain('trouble');
  expect(rows).toMatchObject([{ kind: 'charge', cost_nanousd: 100 * COST_OF_A_TOKEN }]);
});
