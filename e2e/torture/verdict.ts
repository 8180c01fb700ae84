import { disagreements } from '../../src-platform/testing/grant-desk.ts';
import type { BilledCall } from '../../src-platform/gateway/testing/scripted-provider.ts';
import type { TestDatabase } from '../../src-platform/testing/test-database.ts';
import { boundAtProvider, type Call } from './call.ts';

/** What the ledger, the provider's bill and the clients say of the same calls. Every figure but the first four must be 0. */
export interface Reckoning {
  readonly calls: number;
  /** Completed answers. */
  readonly completed: number;
  /** Calls whose end nobody knows, charged at their bound. */
  readonly estimates: number;
  /** Of those, calls that the provider never saw. */
  readonly estimatesUnbilled: number;
  /** Completed calls without a row of their own cost in the ledger. */
  readonly lost: number;
  /** Billed calls with more than one row, or a row at another cost than the bill's that is no estimate. */
  readonly wrong: number;
  /** Billed calls that did not complete, without a row. */
  readonly missing: number;
  /** Estimates below the bill. */
  readonly low: number;
  /** Charges for calls that the provider did not bill. */
  readonly unbilled: number;
  /** Rows of calls that were refused. */
  readonly refusedRows: number;
  /** Sums that don't agree: charged, rollups and grants with the ledger. */
  readonly drift: number;
}

interface Row {
  readonly request_id: string;
  readonly kind: string;
  readonly cost: string;
}

/** Compares when everything is in the ledger. `bill`: of these calls. `broken` hears which one is not as it must be. */
export async function reckon(
  db: TestDatabase,
  calls: readonly Call[],
  bill: readonly BilledCall[],
  broken: (sentence: string) => void,
): Promise<Reckoning> {
  const tenants = [...new Set(calls.map(({ tenantId }) => tenantId))];
  const { rows } = await db.owner.query<Row>(
    'select request_id, kind, cost_nanousd::text as cost from platform.usage_records where tenant_id = any ($1)',
    [tenants],
  );
  const rowsOf = Map.groupBy(rows, ({ request_id: id }) => id);
  const completed = new Set(calls.flatMap((call) => (isPaid(call) && call.requestId ? [call.requestId] : [])));
  const refused = new Set(
    calls.flatMap(({ status, requestId }) => (status >= 400 && status !== 502 ? [requestId] : [])),
  );
  const billed = new Set(bill.map(({ requestId }) => requestId));
  const sums = { lost: 0, wrong: 0, missing: 0, low: 0, unbilled: 0, refusedRows: 0, drift: 0 };
  const count = (sum: keyof typeof sums, sentence: string): void => {
    sums[sum] += 1;
    broken(`${sum}: ${sentence}`);
  };
  for (const { requestId, tag, costNanoUsd } of bill) {
    const found = rowsOf.get(requestId) ?? [];
    const fault = faultOf(found, costNanoUsd, completed.has(requestId));
    if (fault !== undefined) {
      count(fault, `call ${tag}, request ${requestId}, billed ${costNanoUsd}, ledger ${JSON.stringify(found)}`);
    }
  }
  for (const requestId of completed) if (!billed.has(requestId)) count('lost', `request ${requestId} has no bill`);
  for (const row of rows) {
    const { request_id: requestId, kind, cost } = row;
    if (kind === 'charge' && !billed.has(requestId) && cost !== '0') count('unbilled', JSON.stringify(row));
    if (refused.has(requestId)) count('refusedRows', JSON.stringify(row));
  }
  for (const sum of await disagreements(db)) count('drift', JSON.stringify(sum));
  const estimates = rows.filter(({ kind }) => kind === 'estimate');
  return {
    calls: calls.length,
    completed: completed.size,
    estimates: estimates.length,
    estimatesUnbilled: estimates.filter(({ request_id: id }) => !billed.has(id)).length,
    ...sums,
  };
}

/** What is wrong with the rows of a billed call. */
function faultOf(
  rows: readonly Row[],
  billed: bigint,
  completed: boolean,
): 'lost' | 'missing' | 'wrong' | 'low' | undefined {
  const [row] = rows;
  if (row === undefined) return completed ? 'lost' : 'missing';
  if (rows.length > 1) return 'wrong';
  const cost = BigInt(row.cost);
  if (row.kind !== 'estimate') return cost === billed ? undefined : 'wrong';
  if (completed) return 'lost';
  return cost < billed ? 'low' : undefined;
}

/** Figures of a reckoning that must be 0, added up. */
export const faultsOf = ({ lost, wrong, missing, low, unbilled, refusedRows, drift }: Reckoning): number =>
  lost + wrong + missing + low + unbilled + refusedRows + drift;

/** Passed, and read to its end: what it cost is settled. */
const isPaid = ({ status, complete }: Call): boolean => status === 200 && complete;

/**
 * The most that was ever spent and bound above a tenant's cap, nano-USD: at each arrival at the provider, the bills of the calls that
 * it has answered and the bounds of those under way.
 */
export function mostOver(bill: readonly BilledCall[], cap: bigint): bigint {
  const arrivals = bill.toSorted((a, b) => a.arrivedAt - b.arrivedAt);
  const answers = bill
    .filter(({ answeredAt }) => answeredAt !== undefined)
    .toSorted((a, b) => (a.answeredAt ?? 0) - (b.answeredAt ?? 0));
  let used = 0n;
  let over = 0n;
  let answered = 0;
  for (const call of arrivals) {
    for (let next = answers[answered]; next !== undefined; next = answers[answered]) {
      if ((next.answeredAt ?? 0) > call.arrivedAt) break;
      used += next.costNanoUsd - boundOf(next);
      answered += 1;
    }
    used += boundOf(call);
    if (used - cap > over) over = used - cap;
  }
  return over;
}

const boundOf = (call: BilledCall): bigint => boundAtProvider(call.bodyBytes, call.maxTokens ?? 0);

/**
 * Calls of one tenant that were refused for a cap although what was known to be free was enough: the cap without the bills of the calls
 * that were complete before the refused one was sent, and without the bounds of all others that were or may have been open, or
 * waited for money, while it waited.
 */
export function needlessRefusals(
  calls: readonly Call[],
  costOf: (call: Call) => bigint | undefined,
  cap: bigint,
): Call[] {
  const admitted = calls.filter(({ status }) => status !== 402);
  const bySent = prefixSums(admitted.map(({ sentAt, bound }) => [sentAt, bound]));
  const confirmed = admitted.flatMap((call): [number, bigint][] => {
    if (call.status === 503) return [[call.endedAt, call.bound]];
    const cost = isPaid(call) ? costOf(call) : undefined;
    return cost === undefined ? [] : [[call.endedAt, call.bound - cost]];
  });
  const freed = prefixSums(confirmed);
  return calls.filter(({ status, bound, sentAt, endedAt }) => {
    if (status !== 402) return false;
    const used = bySent(endedAt) - freed(sentAt);
    return cap - used >= bound;
  });
}

/** The sum of the amounts at or before a time. */
function prefixSums(entries: readonly (readonly [at: number, amount: bigint])[]): (at: number) => bigint {
  const sorted = entries.toSorted(([a], [b]) => a - b);
  const sums: bigint[] = [];
  let sum = 0n;
  for (const [, amount] of sorted) sums.push((sum += amount));
  return (at) => {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sorted[middle]?.[0] ?? 0) <= at) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? 0n : (sums[low - 1] ?? 0n);
  };
}
