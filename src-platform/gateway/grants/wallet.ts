import type { GrantAnswer, GrantScope } from './grant-authority.ts';
import { Balance } from './balance.ts';
import { createGrantSize } from './grant-size.ts';
import { atLeastZero, restOfScopes } from './rest-of-scopes.ts';
import {
  NO_LOWER_BOUNDS,
  RETIRED,
  WaitingCalls,
  refusedBy,
  type LowerBound,
  type LowerBounds,
  type Taken,
} from './waiting-calls.ts';
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
 * PostgreSQL believes we hold more than we do, which is the safe side, and it is sent again.
 */

const REFUSAL_MEMORY_MS = 250;
const TOP_UP_PAUSE_MS = 500;
const IDLE_MS = 30_000; // spares clients that call now and then; whoever needs it sooner calls it back
const SURPLUS_FACTOR = 8n;
const NO_TOP_UP = -1n;
/** Caps end at 9 million USD, so no grant can be larger. */
const MOST_TOTAL = 9_000_000_000_000_000n;

export class Wallet {
  readonly identity: WalletIdentity;
  readonly #ports: WalletPorts;
  readonly #balance = new Balance();
  readonly #waiting = new WaitingCalls();
  readonly #size = createGrantSize();
  #scopes: readonly GrantScope[] = [];
  #validUntil = Number.POSITIVE_INFINITY; // the first end of a period or an override, database clock
  #retired = false;
  #everAsked = false;
  #conversing = false;
  #conversation: Promise<void> = Promise.resolve();
  /** Somebody wants idle money back but for this much, once the answer under way is there. */
  #keep: bigint | undefined;
  #releaseOwed = false;
  /** An answer got lost: the database may have granted more than we know. */
  #uncertain = false;
  #refusal: { readonly scope: GrantScope; readonly beyond: bigint; readonly until: number } | undefined;
  #lowWater = NO_TOP_UP;
  #noTopUpUntil = 0;
  #lastTakenAt = 0;

  constructor(identity: WalletIdentity, ports: WalletPorts) {
    this.identity = identity;
    this.#ports = ports;
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
  get conversing(): boolean {
    return this.#conversing;
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
    this.#lastTakenAt = this.#ports.monotonic();
    this.#size.taken(bound);
    if (this.#waiting.size === 0 && bound <= this.available) {
      this.#balance.hold(bound);
      if (this.available < this.#lowWater) this.#topUpSoon();
      return { kind: 'taken', bound, trimmedTo: null };
    }
    const remembered = this.#refusal;
    let lower: LowerBound | undefined;
    if (remembered !== undefined && remembered.until > this.#lastTakenAt) {
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
    this.#size.settled(cost, this.#ports.monotonic());
  }

  /** The ledger has a row of this cost. */
  recorded(cost: bigint): void {
    this.#balance.recorded(cost);
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
    this.#waiting.dismiss('retired');
    this.giveBack();
  }

  /** Every second: idle money goes back, and so does much more than the present rate wants. */
  sweep(): void {
    if (this.#uncertain) this.#releaseOwed = true;
    if (this.#releaseOwed) this.#startConversation();
    if (this.available <= 0n) return;
    if (this.#ports.databaseNow() >= this.#validUntil) this.retire();
    else if (this.#ports.monotonic() - this.#lastTakenAt > IDLE_MS) this.giveBack();
    else {
      const ahead = this.#size.ahead(this.#ports.monotonic());
      if (this.available > SURPLUS_FACTOR * ahead) this.giveBack(ahead);
    }
  }

  /** Closes the grant in the database. Only when `finished`; rejects when the database is away. */
  async close(): Promise<void> {
    if (!this.#everAsked) return;
    const { tenantId, grantId } = this.identity;
    await this.#ports.authority.release(tenantId, grantId, this.#balance.spent, true);
  }

  #lower(keep: bigint): void {
    const total = this.#balance.used + keep;
    if (total < this.#balance.amount) {
      this.#balance.amount = total;
      this.#releaseOwed = true;
      this.#refusal = undefined;
    }
    this.#lowWater = NO_TOP_UP;
  }

  #topUpSoon(): void {
    if (this.#conversing || this.#ports.monotonic() < this.#noTopUpUntil) return;
    this.#conversing = true;
    this.#conversation = this.#ask(true).then(() => this.#endConversation());
  }

  #startConversation(): void {
    if (this.#conversing) return;
    if (this.#waiting.size === 0 && this.#keep === undefined && !this.#releaseOwed) return;
    this.#conversing = true;
    this.#conversation = this.#converse().finally(() => this.#endConversation());
  }

  /** Whoever came between the last look and the end begins the next one; a release that failed waits for `sweep`. */
  #endConversation(): void {
    this.#conversing = false;
    if (this.#waiting.size > 0 || this.#keep !== undefined) this.#startConversation();
  }

  async #converse(): Promise<void> {
    let recalled = false;
    for (;;) {
      this.#waiting.serveFitting(this.#balance, this.#validUntil);
      if (this.#keep !== undefined || this.#releaseOwed) {
        if (!(await this.#release())) return;
      } else if (this.#waiting.size > 0) {
        const answer = await this.#ask(false);
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
      await this.#ports.authority.release(tenantId, grantId, this.#balance.amount, false);
      this.#uncertain = false;
      return true;
    } catch {
      this.#releaseOwed = true;
      this.#waiting.dismiss('unverifiable');
      return false;
    }
  }

  /** One round trip for all that wait, or (`ahead`) for nobody yet. */
  async #ask(ahead: boolean): Promise<GrantAnswer | undefined> {
    this.#everAsked = true;
    const { used } = this.#balance;
    const { count, sum } = ahead ? { count: 0, sum: 0n } : this.#waiting.sumUpTo(MOST_TOTAL - used);
    const needTotal = used + sum;
    const wish = needTotal + this.#size.ahead(this.#ports.monotonic());
    const wantTotal = wish < MOST_TOTAL ? wish : MOST_TOTAL;
    const at = (ahead ? undefined : this.#waiting.first?.at) ?? this.#ports.databaseNow();
    let answer: GrantAnswer;
    try {
      answer = await this.#ports.authority.take({ ...this.identity, at, needTotal, wantTotal });
    } catch {
      this.#uncertain = true;
      this.#noTopUpUntil = this.#ports.monotonic() + TOP_UP_PAUSE_MS;
      this.#waiting.dismiss('unverifiable');
      return undefined;
    }
    this.#uncertain = false;
    if (answer.kind === 'granted') {
      this.#learn(answer);
      // Less than wished for: the cap is near, and asking ahead would only keep others from it.
      this.#lowWater = answer.amount < wantTotal ? NO_TOP_UP : (answer.amount - needTotal) / 4n;
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

  /** Those that fit in what can still be had, trimmed or not, stay for the next ask; the others are refused, after one recall. */
  async #handleRefusal(answer: GrantAnswer & { kind: 'refused' }, recalled: boolean): Promise<boolean> {
    const scope = answer.scopes.find(({ capId }) => capId === answer.failedCapId) ?? answer.scopes[0];
    if (scope === undefined) {
      this.#waiting.dismiss('unverifiable');
      return recalled;
    }
    const beyond = restOfScopes(answer.scopes);
    const somebodyLeaves = this.#waiting.divide(this.available + beyond, false).leaving.length > 0;
    if (somebodyLeaves && !recalled && (await this.#ports.recall(this.identity.tenantId, this))) return true;
    // Others may have come and calls may have ended meanwhile: divided as things stand now.
    const reachable = this.available + beyond;
    const { staying, leaving, remaining } = this.#waiting.divide(reachable, true);
    this.#waiting.keep(staying);
    this.#refusal = { scope, beyond, until: this.#ports.monotonic() + REFUSAL_MEMORY_MS };
    if (leaving.length > 0) {
      const refused = this.#refused(scope, reachable - remaining, remaining);
      for (const { resolve } of leaving) resolve(refused);
    }
    return recalled;
  }

  /** `promised`: bounds of calls that stay for the next ask. */
  #refused(scope: GrantScope, promised: bigint, remaining: bigint): Taken {
    const figures = (of: GrantScope) => this.#ports.figures(this.identity.tenantId, of.capId, of.periodStart);
    return refusedBy(scope, this.#scopes, figures, promised, atLeastZero(remaining));
  }
}
