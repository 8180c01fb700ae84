import type { Operation } from '../calls/wire-format.ts';
import type { Wallet } from '../grants/wallet.ts';
import type { Journal, JournalTicket } from '../journal/journal.ts';
import { costOf } from '../pricing/cost.ts';
import { NO_USAGE, type Price, type Usage } from '../pricing/price.ts';
import type { QuotaPass } from '../quotas/quota-desk.ts';
import type { LedgerRow, Outcome } from './ledger-row.ts';
import { ledgerRowJson } from './ledger-row-json.ts';

/*
 * One admitted call, from its bound to its row in the ledger. It is settled exactly once, whoever comes first:
 *
 *   admitted ─┬─ billed    the provider said what it billed (an explicit zero is zero): that, at our price row
 *             ├─ unbilled  the provider answered with an error and no usage: a row of cost 0
 *             ├─ unknown   the model may have run and nobody can know: an estimate row of the bound
 *             └─ unsent    it never left (no provider was reached, or the client was gone): no row, the bound is free again
 *
 * In this order: journal, wallet, queue to the ledger. The journal's line is on the file before the answer is complete, so
 * that a kill after the client's last byte loses nothing. A cost above the bound is charged in full and reported: it is the one
 * way over a cap.
 */

export interface CallFacts {
  readonly tenantId: string;
  readonly requestId: string;
  readonly attempt: number;
  readonly keyId: string;
  readonly workflowId: string | null;
  readonly session: string | null;
  /** Units of work that the caller says it does; null: nothing said. */
  readonly units: number | null;
  readonly operation: Operation;
  readonly price: Price;
  /** Nano-USD. */
  readonly bound: bigint;
  /** Milliseconds since the epoch, database clock. */
  readonly admittedAt: number;
  /** Undefined: no cap matches. */
  readonly wallet: Wallet | undefined;
  readonly quota: Pick<QuotaPass, 'settle'>;
}

export type CallEnd =
  | { readonly kind: 'billed'; readonly usage: Usage; readonly status: number; readonly outcome: Outcome }
  | { readonly kind: 'unbilled'; readonly status: number }
  | { readonly kind: 'unknown'; readonly status: number; readonly outcome: Outcome }
  | UnsentCall;

interface UnsentCall {
  readonly kind: 'unsent';
  /** Nobody waited for it any more; else no provider was reached. */
  readonly clientLeft: boolean;
}

export interface CallAccount {
  /** The provider's first byte came. */
  firstByte(): void;
  /**
   * Settles; the second time nothing happens. Answers the cost in nano-USD, and when that is in the journal: the answer must not be complete
   * before.
   */
  settle(end: CallEnd): Settled;
}

export interface Settled {
  readonly cost: bigint;
  /** Never rejects: a call that was answered is answered, trouble with the journal is told. */
  readonly written: Promise<void>;
}

export interface CallAccountsPorts {
  readonly journal: Journal;
  readonly monotonic: () => number;
  /** `json`: the row as JSON. */
  readonly record: (row: LedgerRow, json: string, onRecorded: () => void) => void;
  readonly onSettled: (row: LedgerRow, operation: Operation) => void;
  readonly onUnsent: (tenantId: string, clientLeft: boolean) => void;
  /** The bill was above the bound. */
  readonly onOverBound: (row: LedgerRow, bound: bigint) => void;
  readonly onJournalTrouble: (error: unknown) => void;
}

export interface CallAccounts {
  /** Rejects when the journal can't be written; the bound is free again then and the call must not be forwarded. */
  open(facts: CallFacts): Promise<CallAccount>;
  readonly openCalls: number;
}

export function createCallAccounts(ports: CallAccountsPorts): CallAccounts {
  let openCalls = 0;
  const onClosed = (): void => {
    openCalls -= 1;
  };
  return {
    open: async (facts) => {
      openCalls += 1;
      const account = new Account(facts, ports, onClosed);
      await account.admitted;
      return account;
    },
    get openCalls() {
      return openCalls;
    },
  };
}

class Account implements CallAccount {
  readonly admitted: Promise<void>;
  readonly #facts: CallFacts;
  readonly #ports: CallAccountsPorts;
  readonly #onClosed: () => void;
  readonly #ticket: JournalTicket;
  readonly #occurredAt: string;
  readonly #startedAt: number;
  #firstByteAt: number | undefined;
  #settled: Settled | undefined;

  constructor(facts: CallFacts, ports: CallAccountsPorts, onClosed: () => void) {
    this.#facts = facts;
    this.#ports = ports;
    this.#onClosed = onClosed;
    this.#startedAt = ports.monotonic();
    this.#occurredAt = new Date(facts.admittedAt).toISOString();
    this.#ticket = ports.journal.admitted(ledgerRowJson(this.#row(NO_USAGE, NOT_ENDED)), Number(facts.bound));
    this.admitted = this.#ticket.admitted.catch((error: unknown) => {
      onClosed();
      facts.wallet?.settle(facts.bound, 0n, false);
      throw error;
    });
  }

  firstByte(): void {
    this.#firstByteAt ??= this.#ports.monotonic();
  }

  settle(end: CallEnd): Settled {
    if (this.#settled !== undefined) return this.#settled;
    this.#onClosed();
    this.#settled = end.kind === 'unsent' ? this.#settleUnsent(end) : this.#settleSent(end);
    return this.#settled;
  }

  #settleUnsent({ clientLeft }: UnsentCall): Settled {
    const { wallet, quota, bound, requestId, attempt, tenantId } = this.#facts;
    wallet?.settle(bound, 0n, false);
    quota.settle(0);
    const written = this.#ticket.unsent(requestId, attempt).catch(this.#ports.onJournalTrouble);
    this.#ports.onUnsent(tenantId, clientLeft);
    return { cost: 0n, written };
  }

  #settleSent(end: Exclude<CallEnd, UnsentCall>): Settled {
    const { wallet, quota, bound } = this.#facts;
    const ports = this.#ports;
    const cost = costOfEnd(end, this.#facts);
    quota.settle(tokensOfEnd(end));
    const row = this.#row(end.kind === 'billed' ? end.usage : NO_USAGE, {
      kind: end.kind === 'unknown' ? 'estimate' : 'charge',
      cost: Number(cost),
      latencyMs: Math.round(ports.monotonic() - this.#startedAt),
      firstTokenMs: this.#firstByteAt === undefined ? null : Math.round(this.#firstByteAt - this.#startedAt),
      status: end.status,
      outcome: end.kind === 'unbilled' ? 'provider_error' : end.outcome,
    });
    const json = ledgerRowJson(row);
    const written = this.#ticket.settled(json).catch(ports.onJournalTrouble);
    wallet?.settle(bound, cost, true);
    if (cost > bound) ports.onOverBound(row, bound);
    ports.record(row, json, () => {
      this.#ticket.done();
      wallet?.recorded(cost);
    });
    ports.onSettled(row, this.#facts.operation);
    return { cost, written };
  }

  #row(usage: Usage, end: RowEnd): LedgerRow {
    const { tenantId, requestId, attempt, keyId, workflowId, session, units, price, wallet } = this.#facts;
    return {
      tenant_id: tenantId,
      occurred_at: this.#occurredAt,
      request_id: requestId,
      attempt,
      kind: end.kind,
      key_id: keyId,
      workflow_id: workflowId,
      session,
      provider: price.provider,
      model: price.model,
      input_tokens: usage.inputTokens,
      cached_input_tokens: usage.cachedInputTokens,
      cache_write_tokens: usage.cacheWriteTokens,
      output_tokens: usage.outputTokens,
      reasoning_tokens: usage.reasoningTokens,
      units,
      cost_nanousd: end.cost,
      latency_ms: end.latencyMs,
      first_token_ms: end.firstTokenMs,
      http_status: end.status,
      outcome: end.outcome,
      price_version: price.version,
      grant_id: wallet?.identity.grantId ?? null,
    };
  }
}

/** How a row's call ended. */
interface RowEnd {
  readonly kind: LedgerRow['kind'];
  readonly cost: number;
  readonly latencyMs: number;
  readonly firstTokenMs: number | null;
  readonly status: number;
  readonly outcome: Outcome;
}

const NOT_ENDED: RowEnd = {
  kind: 'charge',
  cost: 0,
  latencyMs: 0,
  firstTokenMs: null,
  status: 0,
  outcome: 'unknown',
};

/** The row that stands if nobody ever hears how the call ended: an estimate of its bound. */
export function estimateRow(row: LedgerRow, bound: number): LedgerRow {
  return { ...row, kind: 'estimate', cost_nanousd: bound, outcome: 'unknown' };
}

function costOfEnd(end: Exclude<CallEnd, UnsentCall>, facts: CallFacts): bigint {
  if (end.kind === 'billed') return costOf(facts.price, end.usage);
  return end.kind === 'unbilled' ? 0n : facts.bound;
}

/** For the quotas; null: nobody knows. */
function tokensOfEnd(end: Exclude<CallEnd, UnsentCall>): number | null {
  if (end.kind === 'billed') return end.usage.inputTokens + end.usage.outputTokens;
  return end.kind === 'unbilled' ? 0 : null;
}
