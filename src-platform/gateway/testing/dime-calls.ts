import { makePrice } from '../../testing/factories.ts';
import type { TestDatabase } from '../../testing/test-database.ts';
import { chat, chatAgain, makeCappedTenant, type TestTenant } from './tenant-calls.ts';

type Database = Pick<TestDatabase, 'owner'>;

/** The model of calls that cost exactly their bound: the input is free, and every answer is as long as it may be. */
const MODEL = 'dime';
const TOKENS = 1_000;
export const DIME = 100_000_000n;
const DIMES_IN_CAP = 50n;

/** Prices the model: 0.10 USD for an answer of 1,000 tokens. Once a database. */
export async function priceDimes(db: Database): Promise<void> {
  const perMillion = (DIME * 1_000_000n) / BigInt(TOKENS);
  await makePrice(db, { model: MODEL, inputNanoUsdPerMtok: 0n, outputNanoUsdPerMtok: perMillion });
}

/** A tenant with a cap of 5.00 USD, whose last call is not trimmed. */
export function makeDimeTenant(
  db: Database,
  { dimes = DIMES_IN_CAP, timeZone = 'Asia/Kolkata' }: { dimes?: bigint; timeZone?: string } = {},
): Promise<TestTenant> {
  return makeCappedTenant(db, dimes * DIME, { trimsLastCall: false, timeZone });
}

const DIME_CALL = { script: { answer: TOKENS, prompt: 1 }, body: { model: MODEL, max_tokens: TOKENS } };

/** One call of 0.10 USD. */
export function callForADime(address: string, tenant: TestTenant): Promise<Response> {
  return chat(address, tenant.key, DIME_CALL);
}

/** The same, sent again while the budget cannot be verified: its status. */
export async function statusOfADime(address: string, tenant: TestTenant): Promise<number> {
  const answer = await chatAgain(address, tenant.key, DIME_CALL);
  await answer.arrayBuffer();
  return answer.status;
}

/** So many callers at once, spread over the gateways: how many got which status. */
export async function callAtOnce(
  addresses: readonly string[],
  tenant: TestTenant,
  callers: number,
): Promise<Readonly<Record<number, number>>> {
  const statuses = await Promise.all(
    Array.from({ length: callers }, async (_, caller) => {
      const address = addresses[caller % addresses.length] ?? '';
      const answer = await callForADime(address, tenant);
      await answer.arrayBuffer();
      return answer.status;
    }),
  );
  const counts: Record<number, number> = {};
  for (const status of statuses) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}
