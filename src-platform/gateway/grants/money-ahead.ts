import { createGrantSize } from './grant-size.ts';

const TOP_UP_PAUSE_MS = 500;
/** Spares clients that call now and then; whoever needs it sooner calls it back. */
const IDLE_MS = 30_000;
const SURPLUS_FACTOR = 8n;
const NO_TOP_UP = -1n;
/** As long as somebody who called money back may take to ask for it. */
const EXACT_MS = 1_500;
/** Caps end at 9 million USD, so no grant can be larger. */
export const MOST_TOTAL = 9_000_000_000_000_000n;

/** When a wallet asks ahead of need, and what it needn't keep. Amounts are nano-USD, times monotonic milliseconds. */
export class MoneyAhead {
  readonly #size = createGrantSize();
  #lowWater = NO_TOP_UP;
  #pausedUntil = 0;
  #takenAt = 0;
  #exactUntil = 0;

  taken(bound: bigint, now: number): void {
    this.#takenAt = now;
    this.#size.taken(bound);
  }
  settled(cost: bigint, now: number): void {
    this.#size.settled(cost, now);
  }
  /** The total to ask for when so much is needed. */
  wantTotal(needTotal: bigint, now: number): bigint {
    if (now < this.#exactUntil) return needTotal;
    const wish = needTotal + this.#size.ahead(now);
    return wish < MOST_TOTAL ? wish : MOST_TOTAL;
  }

  /** Less than wished for: the cap is near, and asking ahead would only keep others from it. */
  granted(amount: bigint, need: bigint, want: bigint): void {
    this.#lowWater = amount < want ? NO_TOP_UP : (amount - need) / 4n;
  }
  /** Idle money goes: no asking ahead until the next grant. */
  lowered(): void {
    this.#lowWater = NO_TOP_UP;
  }
  /** Others called the idle money back: for a moment exactly what is needed, or it would be gone again before they had it. */
  calledBack(now: number): void {
    this.#exactUntil = now + EXACT_MS;
  }
  /** The authority is away. */
  pause(now: number): void {
    this.#pausedUntil = now + TOP_UP_PAUSE_MS;
  }
  resume(): void {
    this.#pausedUntil = 0;
  }
  /** It is time to ask for more. */
  low(available: bigint, now: number): boolean {
    return available < this.#lowWater && now >= this.#pausedUntil;
  }

  /** How much of it is worth keeping: nothing when no call came lately; undefined: all of it. */
  worthKeeping(available: bigint, now: number): bigint | undefined {
    if (now - this.#takenAt > IDLE_MS) return 0n;
    const wish = this.#size.ahead(now);
    return available > SURPLUS_FACTOR * wish ? wish : undefined;
  }
}
