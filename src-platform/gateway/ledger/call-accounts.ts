import type { Wallet } from '../grants/wallet.ts';
import type { Journal, JournalTicket } from '../journal/journal.ts';
import { costOf } from '../pricing/cost.ts';
import { NO_USAGE, type Price, type Usage } from '../pricing/price.ts';
import type { QuotaPass } from '../quotas/quota-desk.ts';
import type { LedgerRow, Outcome } from './ledger-row.ts';

/*
 * One admitted call, from its bound to its row in the ledger. It is settled exactly once, whoever comes first:
 *
 *   admitted ─┬─ billed    the provider said what it billed (an explicit zero is zero): that, at our price row
 *             ├─ unbilled  the provider answered with an error and no usage: a row of cost 0
 *             ├─ unknown   the model may have run and nobody can know: an estimate row of the bound
 *             └─ unsent    it never left: no row, the bound is free again
 *
 * In this order: journal, wallet, queue to the ledger. The journal's line is on the file before the answer is complete, so
 * that a kill after the client's last byte loses nothing. A cost above the bound is charged in full and reported: it is the one
 * way over a cap.
 */

export interface CallFacts {
  readonly tenantId: string;
  readonly requestId: string;
  readonly keyId: string;
  readonly workflowId: string | null;
  readonly session: string | null;
  readonly price: Price;
  /** Nano-USD. */
  readonly bound: bigint;
  /** Milliseconds since the epoch, database clock. */
  readonly admittedAt: number;
  /** Undefined: no cap matches. */
  readonly wallet: Wallet | undefined;
  readonly quota: Pick<QuotaPass, 'settle' | 'cancel'>;
}

export type CallEnd =
  | { readonly kind: 'billed'; readonly usage: Usage; readonly status: number; readonly outcome: Outcome }
  | { readonly kind: 'unbilled'; readonly status: number }
  | { readonly kind: 'unknown'; readonly status: number; readonly outcome: Outcome }
  | { readonly kind: 'unsent' };

export interface CallAccount {
  /** The provider's first byte came. */
  firstByte(): void;
  /** Settles; the second time nothing happens. Answers the cost in nano-USD. */
  settle(end: CallEnd): bigint;
  readonly settled: boolean;
}

export interface CallAccountsPorts {
  readonly journal: Journal;
  readonly monotonic: () => number;
  readonly record: (row: LedgerRow, onRecorded: () => void) => void;
  readonly onSettled: (row: LedgerRow) => void;
  readonly onFailedUnsent: (tenantId: string) => void;
  /** The bill was above the bound. */
  readonly onOverBound: (row: LedgerRow, bound: bigint) => void;
  readonly onJournalTrouble: (error: unknown) => void;
}

export interface CallAccounts {
  /** @throws when the journal can't be written; the bound is free again then and the call must not be forwarded. */
  open(facts: CallFacts): CallAccount;
  readonly openCalls: number;
}

export function createCallAccounts(ports: CallAccountsPorts): CallAccounts {
  let openCalls = 0;

  function open(facts: CallFacts): CallAccount {
    const { wallet, bound } = facts;
    const startedAt = ports.monotonic();
    let firstByteAt: number | undefined;
    let settledCost: bigint | undefined;
    const admittedRow = rowOf(facts);
    let ticket: JournalTicket;
    try {
      ticket = ports.journal.admitted({ row: admittedRow, bound: Number(bound) });
    } catch (error) {
      wallet?.settle(bound, 0n, false);
      throw error;
    }
    openCalls += 1;

    function record(row: LedgerRow, cost: bigint): void {
      try {
        ticket.settled(row);
      } catch (error) {
        ports.onJournalTrouble(error);
      }
      wallet?.settle(bound, cost, true);
      if (cost > bound) ports.onOverBound(row, bound);
      ports.record(row, () => {
        ticket.done();
        wallet?.recorded(cost);
      });
      ports.onSettled(row);
    }

    function settle(end: CallEnd): bigint {
      if (settledCost !== undefined) return settledCost;
      openCalls -= 1;
      if (end.kind === 'unsent') {
        settledCost = 0n;
        wallet?.settle(bound, 0n, false);
        facts.quota.cancel();
        try {
          ticket.unsent();
        } catch (error) {
          ports.onJournalTrouble(error);
        }
        ports.onFailedUnsent(facts.tenantId);
        return settledCost;
      }
      settledCost = costOfEnd(end, facts);
      facts.quota.settle(tokensOfEnd(end));
      const now = ports.monotonic();
      record(
        {
          ...admittedRow,
          ...tokens(end.kind === 'billed' ? end.usage : NO_USAGE),
          kind: end.kind === 'unknown' ? 'estimate' : 'charge',
          cost_nanousd: Number(settledCost),
          latency_ms: Math.round(now - startedAt),
          first_token_ms: firstByteAt === undefined ? null : Math.round(firstByteAt - startedAt),
          http_status: end.status,
          outcome: end.kind === 'unbilled' ? 'provider_error' : end.outcome,
        },
        settledCost,
      );
      return settledCost;
    }

    return {
      firstByte: () => {
        firstByteAt ??= ports.monotonic();
      },
      settle,
      get settled() {
        return settledCost !== undefined;
      },
    };
  }

  return {
    open,
    get openCalls() {
      return openCalls;
    },
  };
}

/** The row that stands if nobody ever hears how the call ended: an estimate of its bound. */
export function estimateRow(row: LedgerRow, bound: number): LedgerRow {
  return { ...row, kind: 'estimate', cost_nanousd: bound, outcome: 'unknown' };
}

function costOfEnd(end: Exclude<CallEnd, { kind: 'unsent' }>, facts: CallFacts): bigint {
  if (end.kind === 'billed') return costOf(facts.price, end.usage);
  return end.kind === 'unbilled' ? 0n : facts.bound;
}

/** For the quotas; null: nobody knows. */
function tokensOfEnd(end: Exclude<CallEnd, { kind: 'unsent' }>): number | null {
  if (end.kind === 'billed') return end.usage.inputTokens + end.usage.outputTokens;
  return end.kind === 'unbilled' ? 0 : null;
}

function rowOf(facts: CallFacts): LedgerRow {
  return {
    tenant_id: facts.tenantId,
    occurred_at: new Date(facts.admittedAt).toISOString(),
    request_id: facts.requestId,
    attempt: 1,
    kind: 'charge',
    key_id: facts.keyId,
    workflow_id: facts.workflowId,
    session: facts.session,
    provider: facts.price.provider,
    model: facts.price.model,
    ...tokens(NO_USAGE),
    units: null,
    cost_nanousd: 0,
    latency_ms: 0,
    first_token_ms: null,
    http_status: 0,
    outcome: 'unknown',
    price_version: facts.price.version,
    grant_id: facts.wallet?.identity.grantId ?? null,
  };
}

function tokens(
  usage: Usage,
): Pick<
  LedgerRow,
  'input_tokens' | 'cached_input_tokens' | 'cache_write_tokens' | 'output_tokens' | 'reasoning_tokens'
> {
  return {
    input_tokens: usage.inputTokens,
    cached_input_tokens: usage.cachedInputTokens,
    cache_write_tokens: usage.cacheWriteTokens,
    output_tokens: usage.outputTokens,
    reasoning_tokens: usage.reasoningTokens,
  };
}
