import type { GrantAnswer, GrantAuthority, GrantScope } from './grant-authority.ts';
import { createSpendRate, type SpendRate } from './spend-rate.ts';

/*
 * A wallet is this gateway's side of one grant: what it may spend for one tenant, one set of caps, one period.
 *
 *   amount     what PostgreSQL has granted so far, cumulative
 *   spent      cost of the calls settled under it, cumulative
 *   held       bounds of the calls that are open
 *   available  amount − spent − held: a call whose bound fits takes it at once, without a round trip
 *
 *   life:   open ──retire()──▶ retired ──nothing open, everything in the ledger, grant closed──▶ forgotten by the book
 *
 * A call that doesn't fit waits. All that wait are asked for together, and there is one conversation with the authority at a
 * time: it shrinks the grant (when somebody asked for that), asks for the waiting, or tops up ahead of need. As totals are
 * cumulative, an answer that got lost does no harm: the next ask names the same or a larger total.
 *
 *   granted  → amount := answer; the waiting take their bounds in order of arrival
 *   refused  → what could be had at most is known (limit − granted): the waiting that fit in it stay for one more ask, the
 *              others are refused; the remainder is remembered for a moment, so that a hammering client costs no round trips
 *   no answer→ the waiting cannot be vouched for; nothing is taken. Whether something was granted all the same shows the next
 *              answer, or the grant is set back to what is known
 *
 * Giving back: `amount` is lowered *before* the release is sent, so nothing can be spent twice. When the release gets lost
 * PostgreSQL believes we hold more than we do, which is the safe side, and it is sent again.
 */

export type Taken =
  | { readonly kind: 'taken' }
  /** The figures of the cap that failed are those of the decision, in nano-USD. */
  | {
      readonly kind: 'refused';
      readonly scope: GrantScope;
      readonly committed: bigint;
      /** Open calls, and those that were let through in the same breath. */
      readonly held: bigint;
      /** The most that could have been taken (for a trimmed last call). */
      readonly remaining: bigint;
    }
  /** The wallet serves no new calls: its period is over or the set of caps changed. Ask the book for another. */
  | { readonly kind: 'retired' }
  | { readonly kind: 'uncapped' }
  | { readonly kind: 'forbidden' }
  | { readonly kind: 'unverifiable' };

export interface WalletIdentity {
  readonly tenantId: string;
  readonly keyId: string | null;
  readonly workflowId: string | null;
  readonly grantId: string;
}

export interface WalletPorts {
  readonly authority: GrantAuthority;
  /** Milliseconds since the epoch, database clock. */
  readonly databaseNow: () => number;
  /** Milliseconds that only grow. */
  readonly monotonic: () => number;
  /** Called before a refusal: frees idle money elsewhere. True: it is worth asking once more. */
  readonly recall: (tenantId: string, wallet: Wallet) => Promise<boolean>;
  /** What is known of a cap's period over all gateways. */
  readonly figures: (
    tenantId: string,
    capId: string,
    periodStart: number,
  ) => { readonly committed: bigint; readonly held: bigint };
  readonly onScopes: (tenantId: string, scopes: readonly GrantScope[]) => void;
}

interface Waiting {
  readonly bound: bigint;
  readonly at: number;
  readonly resolve: (taken: Taken) => void;
}

const REFUSAL_MEMORY_MS = 250;
const SECONDS_AHEAD = 3;
const CALLS_AHEAD = 4n;
const TOP_UP_PAUSE_MS = 500;
const IDLE_MS = 3_000;
const SURPLUS_FACTOR = 8n;
const NO_TOP_UP = -1n;
/** Caps end at 9 million USD, so no grant can be larger. */
const MOST_TOTAL = 9_000_000_000_000_000n;

export class Wallet {
  readonly identity: WalletIdentity;
  #ports: WalletPorts;
  #rate: SpendRate;
  #amount = 0n;
  #spent = 0n;
  #held = 0n;
  #openCalls = 0;
  #pending = 0n;
  #unrecorded = 0;
  #waiting: Waiting[] = [];
  #scopes: readonly GrantScope[] = [];
  #validUntil = Number.POSITIVE_INFINITY;
  #retired = false;
  #everAsked = false;
  #conversing = false;
  #conversation: Promise<void> = Promise.resolve();
  #keep: bigint | undefined;
  #releaseOwed = false;
  /** An answer got lost: the database may have granted more than `amount`. */
  #uncertain = false;
  #refusal: { readonly scope: GrantScope; readonly beyond: bigint; readonly until: number } | undefined;
  #lowWater = NO_TOP_UP;
  #noTopUpUntil = 0;
  #lastBound = 0n;
  #lastTakenAt = 0;

  constructor(identity: WalletIdentity, ports: WalletPorts) {
    this.identity = identity;
    this.#ports = ports;
    this.#rate = createSpendRate();
  }

  get available(): bigint {
    return this.#amount - this.#spent - this.#held;
  }
  get held(): bigint {
    return this.#held;
  }
  /** Cost of settled calls that the ledger doesn't have yet. */
  get pending(): bigint {
    return this.#pending;
  }
  get scopes(): readonly GrantScope[] {
    return this.#scopes;
  }
  get retired(): boolean {
    return this.#retired;
  }
  /** End of the first period that ends: no call admitted from then on may use this wallet. Database clock. */
  get validUntil(): number {
    return this.#validUntil;
  }
  /** Nothing more can happen here but closing the grant. */
  get finished(): boolean {
    return this.#retired && this.#openCalls === 0 && this.#unrecorded === 0 && !this.#conversing;
  }

  /** Takes a call's bound; at once when the balance suffices, else after asking for it. `at`: instant of admission. */
  take(bound: bigint, at: number): Taken | Promise<Taken> {
    if (at >= this.#validUntil) this.retire();
    if (this.#retired) return { kind: 'retired' };
    this.#lastTakenAt = this.#ports.monotonic();
    this.#lastBound = bound;
    if (this.#waiting.length === 0 && bound <= this.available) {
      this.#hold(bound);
      if (this.available < this.#lowWater) this.#topUpSoon();
      return { kind: 'taken' };
    }
    const remembered = this.#refusal;
    if (remembered !== undefined && remembered.until > this.#lastTakenAt) {
      const remaining = this.available + remembered.beyond;
      if (bound > remaining) return this.#refused(remembered.scope, 0n, remaining);
    }
    const { promise, resolve } = Promise.withResolvers<Taken>();
    this.#waiting.push({ bound, at, resolve });
    this.#startConversation();
    return promise;
  }

  /** A call ended: its bound is free again, its cost is spent. `recorded`: a ledger row of that cost is on its way. */
  settle(bound: bigint, cost: bigint, recorded: boolean): void {
    this.#held -= bound;
    this.#openCalls -= 1;
    this.#spent += cost;
    if (recorded) {
      this.#pending += cost;
      this.#unrecorded += 1;
    }
    this.#rate.add(Number(cost), this.#ports.monotonic());
  }

  /** The ledger has a row of this cost. */
  recorded(cost: bigint): void {
    this.#pending -= cost;
    this.#unrecorded -= 1;
  }

  /** A cap or the tenant changed: what was remembered is void. */
  forget(): void {
    this.#refusal = undefined;
    this.#noTopUpUntil = 0;
  }

  /** Gives idle money back, all but `keep`. From this line on it can't be spent. */
  giveBack(keep = 0n): void {
    if (!this.#everAsked) return;
    this.#lower(keep);
    // An answer may be under way that raises the amount again: lowered once more after it.
    if (this.#conversing) this.#keep = this.#keep === undefined || keep < this.#keep ? keep : this.#keep;
    this.#startConversation();
  }

  /** Gives all idle money back and waits until the database has it (or can't be reached). */
  async giveBackNow(): Promise<void> {
    this.giveBack();
    await this.quiet();
  }

  /** Resolves when no conversation with the authority is under way. */
  async quiet(): Promise<void> {
    while (this.#conversing) await this.#conversation;
  }

  /** No new calls from now on; open ones settle as usual. */
  retire(): void {
    if (this.#retired) return;
    this.#retired = true;
    for (const { resolve } of this.#waiting.splice(0)) resolve({ kind: 'retired' });
    this.giveBack();
  }

  /** Every second: idle money goes back, and so does much more than the present rate wants. */
  sweep(): void {
    if (this.#uncertain) this.#releaseOwed = true;
    if (this.#releaseOwed) this.#startConversation();
    if (this.available <= 0n) return;
    if (this.#ports.databaseNow() >= this.#validUntil) this.retire();
    else if (this.#ports.monotonic() - this.#lastTakenAt > IDLE_MS) this.giveBack();
    else if (this.available > SURPLUS_FACTOR * this.#slack()) this.giveBack(this.#slack());
  }

  /** Closes the grant in the database. Only when `finished`; rejects when the database is away. */
  async close(): Promise<void> {
    if (!this.#everAsked) return;
    const { tenantId, grantId } = this.identity;
    await this.#ports.authority.release(tenantId, grantId, this.#spent, true);
  }

  #hold(bound: bigint): void {
    this.#held += bound;
    this.#openCalls += 1;
  }

  #slack(): bigint {
    const perSecond = this.#rate.perSecond(this.#ports.monotonic());
    return BigInt(Math.ceil(perSecond * SECONDS_AHEAD)) + CALLS_AHEAD * this.#lastBound;
  }

  #lower(keep: bigint): void {
    const total = this.#spent + this.#held + keep;
    if (total < this.#amount) {
      this.#amount = total;
      this.#releaseOwed = true;
      this.#refusal = undefined;
    }
    this.#lowWater = NO_TOP_UP;
  }

  #topUpSoon(): void {
    if (this.#conversing || this.#ports.monotonic() < this.#noTopUpUntil) return;
    this.#conversing = true;
    this.#conversation = this.#ask([]).then(() => this.#endConversation());
  }

  #startConversation(): void {
    if (this.#conversing) return;
    if (this.#waiting.length === 0 && this.#keep === undefined && !this.#releaseOwed) return;
    this.#conversing = true;
    this.#conversation = this.#converse().finally(() => this.#endConversation());
  }

  /** Whoever came between the last look and the end begins the next one; a release that failed waits for `sweep`. */
  #endConversation(): void {
    this.#conversing = false;
    if (this.#waiting.length > 0 || this.#keep !== undefined) this.#startConversation();
  }

  async #converse(): Promise<void> {
    let recalled = false;
    for (;;) {
      this.#serveWaiting();
      if (this.#keep !== undefined || this.#releaseOwed) {
        if (!(await this.#release())) return;
      } else if (this.#waiting.length > 0) {
        const answer = await this.#ask(this.#waiting);
        recalled = answer?.kind === 'refused' ? await this.#handleRefusal(answer, recalled) : false;
      } else {
        return;
      }
    }
  }

  /** True: sent, or nothing to send. False: the database is away; `sweep` tries again. */
  async #release(): Promise<boolean> {
    if (this.#keep !== undefined) this.#lower(this.#keep);
    this.#keep = undefined;
    if (!this.#releaseOwed) return true;
    const { tenantId, grantId } = this.identity;
    this.#releaseOwed = false;
    try {
      await this.#ports.authority.release(tenantId, grantId, this.#amount, false);
      this.#uncertain = false;
      return true;
    } catch {
      this.#releaseOwed = true;
      for (const { resolve } of this.#waiting.splice(0)) resolve({ kind: 'unverifiable' });
      return false;
    }
  }

  /** One round trip for all that wait, or (none waiting) a top-up ahead of need. */
  async #ask(waiting: readonly Waiting[]): Promise<GrantAnswer | undefined> {
    this.#everAsked = true;
    let needTotal = this.#spent + this.#held;
    let count = 0;
    for (const { bound } of waiting) {
      if (needTotal + bound > MOST_TOTAL && count > 0) break;
      needTotal += bound;
      count += 1;
    }
    const ahead = needTotal + this.#slack();
    const wantTotal = ahead < MOST_TOTAL ? ahead : MOST_TOTAL;
    const at = waiting[0]?.at ?? this.#ports.databaseNow();
    let answer: GrantAnswer;
    try {
      answer = await this.#ports.authority.take({ ...this.identity, at, needTotal, wantTotal });
    } catch {
      this.#uncertain = true;
      this.#noTopUpUntil = this.#ports.monotonic() + TOP_UP_PAUSE_MS;
      for (const { resolve } of this.#waiting.splice(0)) resolve({ kind: 'unverifiable' });
      return undefined;
    }
    this.#uncertain = false;
    if (answer.kind === 'granted') this.#accept(answer, needTotal, wantTotal, count);
    else if (answer.kind === 'refused') this.#learn(answer);
    else if (answer.kind === 'retired') this.retire();
    else for (const { resolve } of this.#waiting.splice(0)) resolve({ kind: answer.kind });
    return answer;
  }

  #accept(answer: GrantAnswer & { kind: 'granted' }, needTotal: bigint, wantTotal: bigint, served: number): void {
    this.#learn(answer);
    this.#lowWater = answer.amount < wantTotal ? NO_TOP_UP : (answer.amount - needTotal) / 4n;
    for (const { bound, at, resolve } of this.#waiting.splice(0, served)) {
      if (at >= this.#validUntil) resolve({ kind: 'retired' });
      else {
        this.#hold(bound);
        resolve({ kind: 'taken' });
      }
    }
  }

  #learn({ amount, scopes }: { readonly amount: bigint; readonly scopes: readonly GrantScope[] }): void {
    this.#amount = amount;
    this.#scopes = scopes;
    this.#validUntil = scopes.reduce((first, { periodEnd }) => Math.min(first, periodEnd), Number.POSITIVE_INFINITY);
    this.#ports.onScopes(this.identity.tenantId, scopes);
  }

  /** Those that fit in what can still be had stay for the next ask; the others are refused, after one recall. */
  async #handleRefusal(answer: GrantAnswer & { kind: 'refused' }, recalled: boolean): Promise<boolean> {
    const scope = answer.scopes.find(({ capId }) => capId === answer.failedCapId) ?? answer.scopes[0];
    if (scope === undefined) {
      for (const { resolve } of this.#waiting.splice(0)) resolve({ kind: 'unverifiable' });
      return recalled;
    }
    const beyond = smallestRest(answer.scopes);
    const reachable = this.available + beyond;
    const { staying, leaving, remaining } = this.#divide(reachable);
    if (leaving.length > 0 && !recalled && (await this.#ports.recall(this.identity.tenantId, this))) return true;
    this.#waiting = staying;
    this.#refusal = { scope, beyond, until: this.#ports.monotonic() + REFUSAL_MEMORY_MS };
    if (leaving.length > 0) {
      const refused = this.#refused(scope, reachable - remaining, remaining);
      for (const { resolve } of leaving) resolve(refused);
    }
    return recalled;
  }

  #refused(scope: GrantScope, promised: bigint, remaining: bigint): Taken {
    const { committed, held } = this.#ports.figures(this.identity.tenantId, scope.capId, scope.periodStart);
    return { kind: 'refused', scope, committed, held: held + promised, remaining: atLeastZero(remaining) };
  }

  #divide(reachable: bigint): { staying: Waiting[]; leaving: Waiting[]; remaining: bigint } {
    let remaining = reachable;
    const staying: Waiting[] = [];
    const leaving: Waiting[] = [];
    for (const call of this.#waiting) {
      if (call.bound > remaining) leaving.push(call);
      else {
        staying.push(call);
        remaining -= call.bound;
      }
    }
    return { staying, leaving, remaining };
  }

  #serveWaiting(): void {
    let first = this.#waiting[0];
    while (first !== undefined && first.bound <= this.available) {
      this.#waiting.shift();
      this.#hold(first.bound);
      first.resolve({ kind: 'taken' });
      first = this.#waiting[0];
    }
  }
}

function smallestRest(scopes: readonly GrantScope[]): bigint {
  let least: bigint | undefined;
  for (const { limit, granted, hard } of scopes) {
    if (!hard) continue;
    const rest = atLeastZero(limit - granted);
    if (least === undefined || rest < least) least = rest;
  }
  return least ?? 0n;
}

function atLeastZero(amount: bigint): bigint {
  return amount > 0n ? amount : 0n;
}
