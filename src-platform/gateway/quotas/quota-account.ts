import type { CountedQuota, QuotaWindow } from './quota.ts';
import type { QuotaAnswer, QuotaAsk, QuotaStore } from './quota-store.ts';

/*
 * What this gateway has of one quota of one tenant in one window.
 *
 *   handed out (store) = Σ gateways (spent + idle)   ≤ limit, always
 *
 * A call far from the quota is paid from what lies idle here and costs no round trip. Near it the store hands out exactly what waiting calls need;
 * before a refusal, what lies idle elsewhere is called back. With the store away each gateway goes on from the last figure it heard and tells
 * later what it spent meanwhile.
 */

export interface QuotaAccountPorts {
  readonly store: QuotaStore;
  /** What the ledger has of the window; where the store begins when it knows nothing. Minutes begin with nothing. */
  readonly seed: (() => Promise<number>) | null;
  readonly monotonic: () => number;
  readonly pause: (ms: number) => Promise<unknown>;
}

interface Waiting {
  readonly units: number;
  readonly done: (passed: boolean) => void;
}

const CALLS_AHEAD = 32;
const AHEAD_MS = 1_000;
const UNUSED_MS = 30_000;
const FULL_FOR_MS = 100;
const RECALL_PAUSES_MS = [10, 20, 40, 80, 160, 320];
const SILENT_FOR_MS = 10_000;

export class QuotaAccount {
  readonly tenantId: string;
  readonly quota: CountedQuota;
  readonly window: QuotaWindow;
  #limit: number;
  #idle = 0;
  /** Taken by calls that are open. */
  #open = 0;
  /** Taken by calls here in all, less what they gave back. */
  #taken = 0;
  /** Messages that the store has answered. */
  #told = 0;
  /** Spent without the store. */
  #debt = 0;
  /** Handed out to everybody, as far as it is known here. */
  #used = 0;
  #waiting: Waiting[] = [];
  #asking: Promise<void> | undefined;
  #usedAt: number;
  /** Of the running and of the last second, for how much is taken ahead. */
  #second = 0;
  #spentThisSecond = 0;
  #spentLastSecond = 0;
  #callUnits = 0; // as asked for last; what is ahead of a slow caller stays until it calls again
  /** The smallest ask that found no room, and until when nobody asks again for that much. */
  #full: { readonly units: number; readonly until: number } | undefined;
  #othersSilentUntil = Number.NEGATIVE_INFINITY;
  readonly #ports: QuotaAccountPorts;

  constructor(
    of: { tenantId: string; quota: CountedQuota; window: QuotaWindow; limit: number },
    ports: QuotaAccountPorts,
  ) {
    this.tenantId = of.tenantId;
    this.quota = of.quota;
    this.window = of.window;
    this.#limit = of.limit;
    this.#ports = ports;
    this.#usedAt = ports.monotonic();
  }

  get limit(): number {
    return this.#limit;
  }

  set limit(limit: number) {
    if (limit > this.#limit) this.#full = undefined;
    this.#limit = limit;
  }

  /** What is left, as far as it is known here. */
  get remaining(): number {
    return Math.max(0, this.limit - this.#used + this.#idle);
  }

  /** False: there is not enough here; `take` asks for it. */
  takeIdle(units: number): boolean {
    // Nobody overtakes those that wait.
    if (units > this.#idle || this.#waiting.length > 0) return false;
    this.#idle -= units;
    this.#spent(units);
    return true;
  }

  /** True: the units are the call's; false: the quota has no room for it. */
  take(units: number): Promise<boolean> {
    const full = this.#full;
    if (units > this.limit) return Promise.resolve(false);
    if (full !== undefined && units >= full.units && this.#ports.monotonic() < full.until && units > this.#idle) {
      return Promise.resolve(false);
    }
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#waiting.push({ units, done: resolve });
    this.#asking ??= this.#askForAll();
    return promise;
  }

  /** A call that took so much is over. More (positive) came free, or was used than was taken (negative). */
  end(taken: number, units: number): void {
    this.#open -= taken;
    this.#taken -= units;
    if (units > 0) this.#full = undefined;
    this.#idle += units;
    if (this.#idle >= 0) return;
    this.#debt -= this.#idle;
    this.#used -= this.#idle;
    this.#idle = 0;
  }

  /** Another gateway needs what lies idle here. */
  async callBack(): Promise<void> {
    await this.#asking;
    await this.#tell(0, true);
  }

  /** Now and then: what is not needed goes back, what was spent alone is told. */
  sweep(): void {
    if (this.#asking !== undefined) return;
    const unused = this.#ports.monotonic() - this.#usedAt >= UNUSED_MS;
    const keep = unused ? 0 : this.#ahead() * 2;
    if (this.#idle > keep || this.#debt > 0) void this.#tell(Math.min(this.#idle, keep));
  }

  /** Tells the store what stays here and what was spent; nothing when it is away. */
  async #tell(keep: number, asked = false): Promise<void> {
    const back = this.#idle - keep;
    const debt = this.#debt;
    if (back === 0 && debt === 0 && !asked) return;
    this.#idle -= back;
    this.#debt = 0;
    const answer = await this.#exchange({
      need: 0,
      smallest: 0,
      want: 0,
      change: debt - back,
      idle: this.#idle,
      recall: false,
    });
    if (answer === 'away') {
      this.#idle += back;
      this.#debt += debt;
    } else {
      this.#used = answer.used;
    }
  }

  async #askForAll(): Promise<void> {
    let recalls = 0;
    // What is asked in the same turn goes together.
    await Promise.resolve();
    for (this.#serve(); this.#waiting.length > 0; this.#serve()) {
      const asked = new Set(this.#waiting);
      const answer = await this.#ask(recalls === 0);
      if (answer === 'away') {
        this.#serveAlone();
        continue;
      }
      this.#serve();
      // Who came meanwhile is asked for next.
      const left = this.#waiting.filter((each) => asked.has(each));
      if (left.length === 0) continue;
      const pauseMs = answer.owing > 0 ? this.#mayRecall(recalls) : undefined;
      if (pauseMs === undefined) {
        this.#refuse(left);
        recalls = 0;
        continue;
      }
      recalls += 1;
      this.#ports.store.recall(this.tenantId, this.quota);
      await this.#ports.pause(pauseMs);
    }
    // In the same turn in which nobody waits any more: who comes next begins anew.
    this.#asking = undefined;
  }

  /** For all that wait. What lies idle here goes back first: two that ask must not each keep what the other one lacks. */
  async #ask(recall: boolean): Promise<QuotaAnswer | 'away'> {
    const needs = this.#waiting.map(({ units }) => units);
    const need = needs.reduce((sum, units) => sum + units, 0);
    this.#callUnits = need / needs.length;
    const want = need + this.#ahead();
    const [debt, back] = [this.#debt, this.#idle];
    this.#debt = 0;
    this.#idle = 0;
    const smallest = Math.min(...needs);
    const answer = await this.#exchange({ need, smallest, want, change: debt - back, idle: 0, recall });
    if (answer === 'away') {
      this.#debt += debt;
      this.#idle += back;
    } else {
      this.#idle += answer.granted;
      this.#used = answer.used;
    }
    return answer;
  }

  /** How long others get to give back; undefined: they were asked often enough, or did not hear lately. */
  #mayRecall(recalls: number): number | undefined {
    const now = this.#ports.monotonic();
    if (now < this.#othersSilentUntil) return undefined;
    const pauseMs = RECALL_PAUSES_MS[recalls];
    if (pauseMs === undefined) this.#othersSilentUntil = now + SILENT_FOR_MS;
    return pauseMs;
  }

  /** Those of the waiting that what is idle suffices for, in their order. */
  #serve(): void {
    this.#waiting = this.#waiting.filter(({ units, done }) => {
      if (units > this.#idle) return true;
      this.#idle -= units;
      this.#spent(units);
      done(true);
      return false;
    });
  }

  #serveAlone(): void {
    this.#serve();
    for (const { units, done } of this.#waiting.splice(0)) {
      const fits = this.#used + units <= this.limit;
      if (fits) {
        this.#used += units;
        this.#debt += units;
        this.#spent(units);
      }
      done(fits);
    }
  }

  #refuse(refused: readonly Waiting[]): void {
    this.#waiting = this.#waiting.filter((each) => !refused.includes(each));
    const units = Math.min(...refused.map((each) => each.units));
    this.#full = { units, until: this.#ports.monotonic() + FULL_FOR_MS };
    for (const { done } of refused) done(false);
  }

  async #exchange(
    part: Pick<QuotaAsk, 'need' | 'smallest' | 'want' | 'change' | 'idle' | 'recall'>,
  ): Promise<QuotaAnswer | 'away'> {
    const { tenantId, quota, limit, window } = this;
    const { seed, store } = this.#ports;
    const ask = (seeded: number | undefined): Promise<QuotaAnswer | 'away' | 'unseeded'> => {
      // What the ledger doesn't say: of a minute, all that was taken here.
      const mine = (seed === null ? this.#taken : this.#open) + part.idle;
      const { start: windowStart, end: windowEnd } = window;
      return store.exchange({
        tenantId,
        quota,
        limit,
        windowStart,
        windowEnd,
        ...part,
        told: this.#told,
        mine,
        seed: seeded,
      });
    };
    let answer = await ask(seed === null ? 0 : undefined);
    // The ledger can't be had either: then what is known here.
    if (answer === 'unseeded') answer = await ask(seed === null ? 0 : await seed().catch(() => this.#used));
    if (answer === 'away' || answer === 'unseeded') return 'away';
    this.#told = answer.told;
    return answer;
  }

  #spent(units: number): void {
    this.#open += units;
    this.#taken += units;
    this.#roll();
    this.#usedAt = this.#ports.monotonic();
    this.#spentThisSecond += units;
  }

  #roll(): void {
    const second = Math.floor(this.#ports.monotonic() / AHEAD_MS);
    if (second === this.#second) return;
    this.#spentLastSecond = second === this.#second + 1 ? this.#spentThisSecond : 0;
    this.#spentThisSecond = 0;
    this.#second = second;
  }

  /** How much is taken ahead: a second of what is spent, some calls at least. */
  #ahead(): number {
    this.#roll();
    return Math.ceil(Math.max(this.#spentLastSecond, this.#spentThisSecond, this.#callUnits * CALLS_AHEAD));
  }
}
