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
  /** Sums that don't agree: charged, rollups and grants with the ledger. */
  readonly drift: number;
}

interface Row {
  readonly request_id: string;
  readonly kind: string;
  readonly cost: string;
}

/** Compares when everything is in the ledger. `bill`: of these calls. */
export async function reckon(
  db: TestDatabase,
  calls: readonly Call[],
  bill: readonly BilledCall[],
): Promise<Reckoning> {
  const tenants = [...new Set(calls.map(({ tenantId }) => tenantId))];
  const { rows } = await db.owner.query<Row>(
    'select request_id, kind, cost_nanousd::text as cost from platform.usage_records where tenant_id = any ($1)',
    [tenants],
  );
  const rowsOf = Map.groupBy(rows, ({ request_id: id }) => id);
  const completed = new Set(calls.flatMap((call) => (isPaid(call) && call.requestId ? [call.requestId] : [])));
  const billed = new Set(bill.map(({ requestId }) => requestId));
  const sums = { lost: 0, wrong: 0, missing: 0, low: 0 };
  for (const { requestId, costNanoUsd } of bill) {
    const found = rowsOf.get(requestId) ?? [];
    const [row] = found;
    if (row === undefined) sums[completed.has(requestId) ? 'lost' : 'missing'] += 1;
    else if (found.length > 1) sums.wrong += 1;
    else if (row.kind === 'charge' && BigInt(row.cost) !== costNanoUsd) sums.wrong += 1;
    else if (row.kind === 'estimate' && completed.has(requestId)) sums.lost += 1;
    else if (row.kind === 'estimate' && BigInt(row.cost) < costNanoUsd) sums.low += 1;
  }
  for (const requestId of completed) if (!billed.has(requestId)) sums.lost += 1;
  const estimates = rows.filter(({ kind }) => kind === 'estimate');
  return {
    calls: calls.length,
    completed: completed.size,
    estimates: estimates.length,
    estimatesUnbilled: estimates.filter(({ request_id: id }) => !billed.has(id)).length,
    ...sums,
    unbilled: rows.filter(({ request_id: id, kind, cost }) => kind === 'charge' && !billed.has(id) && cost !== '0')
      .length,
    drift: (await disagreements(db)).length,
  };
}

/** Figures of a reckoning that must be 0, added up. */
export const faultsOf = ({ lost, wrong, missing, low, unbilled, drift }: Reckoning): number =>
  lost + wrong + missing + low + unbilled + drift;

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
 * that were complete before the refused one was sent, and without the bounds of all others that were or may have been open
 * while it waited.
 */
export function needlessRefusals(
  calls: readonly Call[],
  costOf: (call: Call) => bigint | undefined,
  cap: bigint,
): Call[] {
  const admitted = calls.filter(({ status }) => status !== 402 && status !== 503);
  const bySent = prefixSums(admitted.map(({ sentAt, bound }) => [sentAt, bound]));
  const confirmed = admitted.flatMap((call): [number, bigint][] => {
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
