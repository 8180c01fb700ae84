import type { GrantAnswer, GrantScope } from './grant-authority.ts';
import { Balance } from './balance.ts';
import { GiveBackWish } from './give-back-wish.ts';
import { GrantLine } from './grant-line.ts';
import { MOST_TOTAL, MoneyAhead } from './money-ahead.ts';
import { RefusalMemory } from './refusal-memory.ts';
import { atLeastZero, othersHold, restOfScopes } from './rest-of-scopes.ts';
import { NO_LOWER_BOUNDS, RETIRED, WaitingCalls, refusedBy, type LowerBounds, type Taken } from './waiting-calls.ts';
import type { WalletIdentity, WalletPorts } from './wallet-ports.ts';

/*
 * A wallet is this gateway's side of one grant: what it may spend for one tenant, one set of caps, one period.
 *
 * A call whose bound fits in what is available (see Balance) takes it at once, without a round trip.
 *
 *   life:   open ──retire()──▶ retired ──nothing open, everything in the ledger, grant closed──▶ forgotten by the book
 *
 * A call that doesn't fit waits. All that wait are asked for together, and there is one conversation with the authority at a
 * time: it shrinks the grant (when somebody asked for that), asks for the waiting, or tops up ahead of need. As totals are
 * cumulative, an answer that got lost does no harm: the next ask names the same or a larger total.
 *
 *   granted  → amount := answer; the waiting take their bounds in order of arrival
 *   refused  → what could be had at most is known (limit − granted): the waiting that fit in it stay for one more ask, the
 *              others are refused; the remainder is remembered for a moment, so that a hammering client costs no round trips.
 *              Nobody is trimmed before other gateways' idle money was called back, and none who fits whole in the end
 *   no answer→ the waiting cannot be vouched for; nothing is taken. Whether something was granted all the same shows the next
 *              answer, or the grant is set back to what is known
 *
 * Giving back: `amount` is lowered *before* the release is sent, so nothing can be spent twice. When the release gets lost
 * PostgreSQL believes we hold more than we do, which is the safe side, and it is sent again; see GrantLine for when it arrives after all.
 */

export class Wallet {
  readonly identity: WalletIdentity;
  readonly #ports: WalletPorts;
  readonly #line: GrantLine;
  readonly #balance = new Balance();
  readonly #waiting = new WaitingCalls();
  readonly #ahead = new MoneyAhead();
  readonly #refusal = new RefusalMemory();
  readonly #wish = new GiveBackWish();
  #scopes: readonly GrantScope[] = [];
  #validUntil = Number.POSITIVE_INFINITY; // the first end of a period or an override, database clock
  #retired = false;
  #conversing = false;
  #conversation: Promise<void> = Promise.resolve();
  #releaseOwed = false;

  constructor(identity: WalletIdentity, ports: WalletPorts) {
    this.identity = identity;
    this.#ports = ports;
    this.#line = new GrantLine(ports.authority, identity);
  }

  get available(): bigint {
    return this.#balance.available;
  }
  get held(): bigint {
    return this.#balance.held;
  }
  /** Cost of settled calls that the ledger doesn't have yet. */
  get pending(): bigint {
    return this.#balance.pending;
  }
  get scopes(): readonly GrantScope[] {
    return this.#scopes;
  }
  get retired(): boolean {
    return this.#retired;
  }
  /** There is money here that may go back, at once or when its calls end. */
  get holding(): boolean {
    return this.held > 0n || this.available > 0n || this.#conversing || this.#releaseOwed || this.#line.uncertain;
  }
  /** Nothing more can happen here but closing the grant. */
  get finished(): boolean {
    return this.#retired && this.#balance.atRest && !this.#conversing;
  }

  /**
   * Takes a call's bound; at once when the balance suffices, else after asking for it. `at`: instant of admission. `lowerBounds`: looked
   * at when the bound would be refused.
   */
  take(bound: bigint, at: number, lowerBounds: LowerBounds = NO_LOWER_BOUNDS): Taken | Promise<Taken> {
    if (at >= this.#validUntil) this.retire();
    if (this.#retired) return RETIRED;
    const now = this.#ports.monotonic();
    this.#ahead.taken(bound, now);
    if (this.#waiting.size === 0 && bound <= this.available) {
      this.#balance.hold(bound);
      if (this.#ahead.low(this.available, now)) this.#topUpSoon();
      return { kind: 'taken', bound, trimmedTo: null };
    }
    const remembered = this.#refusal.at(now);
    let lower: ReturnType<LowerBounds>;
    if (remembered !== undefined) {
      const remaining = this.available + remembered.beyond;
      if (bound > remaining) {
        lower = lowerBounds(remaining);
        if (lower === undefined) return this.#refused(remembered.scope, 0n, remaining);
      }
    }
    const taken = this.#waiting.add(bound, at, lowerBounds, lower);
    this.#startConversation();
    return taken;
  }

  /** A call ended: its bound is free again, its cost is spent. `recorded`: a ledger row of that cost is on its way. */
  settle(bound: bigint, cost: bigint, recorded: boolean): void {
    this.#balance.settle(bound, cost, recorded);
    this.#ahead.settled(cost, this.#ports.monotonic());
  }

  /** The ledger has a row of this cost. */
  recorded(cost: bigint): void {
    this.#balance.recorded(cost);
  }

  /** A cap or the tenant changed: what was remembered is void. */
  forget(): void {
    this.#refusal.forget();
    this.#ahead.resume();
  }

  /** As `giveBack`, for somebody who needs it now. */
  callBack(): Promise<boolean> {
    this.#ahead.calledBack(this.#ports.monotonic());
    return this.giveBack();
  }

  /** Gives idle money back, all but `keep`. From this line on it can't be spent. True: the database has it; false: it can't be reached. */
  async giveBack(keep = 0n): Promise<boolean> {
    if (!this.#line.used) return true;
    this.#lower(keep);
    // An answer may be under way that raises the amount again: lowered once more after it.
    const fulfilled = this.#wish.make(keep);
    this.#startConversation();
    return fulfilled;
  }

  /** Resolves when no conversation with the authority is under way. */
  async quiet(): Promise<void> {
    while (this.#conversing) await this.#conversation;
  }

  /** No new calls from now on; open ones settle as usual. */
  retire(): void {
    if (this.#retired) return;
    this.#retired = true;
    this.#waiting.dismiss('retired');
    void this.giveBack();
  }

  /** Every second: idle money goes back, and so does much more than the present rate wants. */
  sweep(): void {
    if (this.#line.uncertain && !this.#conversing) this.#releaseOwed = true;
    if (this.#releaseOwed) this.#startConversation();
    if (this.available <= 0n) return;
    if (this.#ports.databaseNow() >= this.#validUntil) this.retire();
    else {
      const keep = this.#ahead.worthKeeping(this.available, this.#ports.monotonic());
      if (keep !== undefined) void this.giveBack(keep);
    }
  }

  /** Closes the grant in the database. Only when `finished`; rejects when the database is away. */
  async close(): Promise<void> {
    if (!this.#line.used) return;
    // A conversation like any other: a release beside it could make it a message of the past.
    const closed = this.#line.release(this.#balance.spent, true);
    this.#conversing = true;
    this.#conversation = closed.catch(() => undefined);
    await closed.finally(() => this.#endConversation());
  }

  #lower(keep: bigint): void {
    const total = this.#balance.used + keep;
    if (total < this.#balance.amount) {
      this.#balance.amount = total;
      this.#releaseOwed = true;
      this.#refusal.forget();
    }
    this.#ahead.lowered();
  }

  #topUpSoon(): void {
    if (this.#conversing) return;
    this.#conversing = true;
    this.#conversation = this.#ask(true).then(() => this.#endConversation());
  }

  #startConversation(): void {
    if (this.#conversing) return;
    if (this.#waiting.size === 0 && !this.#wish.open && !this.#releaseOwed) return;
    this.#conversing = true;
    this.#conversation = this.#converse().finally(() => this.#endConversation());
  }

  /** Whoever came between the last look and the end begins the next one; a release that failed waits for `sweep`. */
  #endConversation(): void {
    this.#conversing = false;
    if (this.#waiting.size > 0 || this.#wish.open) this.#startConversation();
  }

  async #converse(): Promise<void> {
    for (;;) {
      this.#waiting.serveFitting(this.#balance, this.#validUntil);
      if (this.#wish.open || this.#releaseOwed) {
        if (!(await this.#release())) return;
      } else if (this.#waiting.size > 0) {
        const answer = await this.#ask(false);
        if (answer?.kind === 'refused') await this.#handleRefusal(answer);
      } else {
        return;
      }
    }
  }

  /** True: sent, or nothing to send. False: the database is away; `sweep` tries again. */
  async #release(): Promise<boolean> {
    const { keep, tell } = this.#wish.take();
    if (keep !== undefined) this.#lower(keep);
    if (this.#line.uncertain) this.#releaseOwed = true;
    try {
      if (this.#releaseOwed) {
        this.#releaseOwed = false;
        await this.#line.release(this.#balance.amount, false);
      }
      tell(true);
      return true;
    } catch {
      this.#releaseOwed = true;
      this.#waiting.dismiss('unverifiable');
      tell(false);
      return false;
    }
  }

  /** One round trip for all that wait, or (`ahead`) for nobody yet. */
  async #ask(ahead: boolean): Promise<GrantAnswer | undefined> {
    const { used } = this.#balance;
    const { count, sum } = ahead ? { count: 0, sum: 0n } : this.#waiting.sumUpTo(MOST_TOTAL - used);
    const needTotal = used + sum;
    const wantTotal = this.#ahead.wantTotal(needTotal, this.#ports.monotonic());
    const at = (ahead ? undefined : this.#waiting.first?.at) ?? this.#ports.databaseNow();
    let answer: GrantAnswer;
    try {
      answer = await this.#line.take({ at, needTotal, wantTotal });
    } catch {
      this.#ahead.pause(this.#ports.monotonic());
      this.#waiting.dismiss('unverifiable');
      return undefined;
    }
    if (answer.kind === 'granted') {
      this.#learn(answer);
      this.#ahead.granted(answer.amount, needTotal, wantTotal);
      this.#waiting.serve(count, this.#balance, this.#validUntil);
    } else if (answer.kind === 'refused') this.#learn(answer);
    else if (answer.kind === 'retired') this.retire();
    else this.#waiting.dismiss(answer.kind);
    return answer;
  }

  #learn({ amount, scopes, validUntil }: GrantAnswer & { kind: 'granted' | 'refused' }): void {
    this.#balance.amount = amount;
    this.#scopes = scopes;
    this.#validUntil = validUntil ?? Math.min(...scopes.map(({ periodEnd }) => periodEnd));
    this.#ports.onScopes(this.identity.tenantId, scopes);
  }

  /** Those that fit in what can still be had, trimmed or not, stay for the next ask; the others are refused, each after a recall. */
  async #handleRefusal(answer: GrantAnswer & { kind: 'refused' }): Promise<void> {
    const scope = answer.scopes.find(({ capId }) => capId === answer.failedCapId) ?? answer.scopes[0];
    if (scope === undefined) return this.#waiting.dismiss('unverifiable');
    const beyond = restOfScopes(answer.scopes);
    const reachable = this.available + beyond;
    const { leaving, recall, remaining } = this.#waiting.divide(reachable);
    const refused = this.#refused(scope, reachable - remaining, remaining);
    this.#waiting.refuse(leaving, refused);
    const nobodyElseHolds = othersHold(answer.scopes, this.held + this.available) <= 0n;
    if (leaving.length > 0 && nobodyElseHolds) this.#refusal.keep({ scope, beyond }, this.#ports.monotonic());
    if (recall) await this.#recall();
  }

  /** Calls others' idle money back. Meanwhile what they call back from here goes: two wallets would wait for each other otherwise. */
  async #recall(): Promise<void> {
    const tell = this.#waiting.recalling();
    const recalled = this.#ports.recall(this.identity.tenantId, this);
    while (await Promise.race([recalled.then(() => false), this.#wish.heard()])) await this.#release();
    tell(await recalled);
  }

  /** `promised`: bounds of calls that stay for the next ask. */
  #refused(scope: GrantScope, promised: bigint, remaining: bigint): Taken {
    const figures = (of: GrantScope) => this.#ports.figures(this.identity.tenantId, of.capId, of.periodStart);
    return refusedBy(scope, this.#scopes, figures, promised, atLeastZero(remaining));
  }
}
