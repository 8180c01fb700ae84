import type { TenantReport, Wanted } from './live-report.ts';

/*
 * Is a tenant refused for a cap?
 *
 *   passing ──a call is refused for a cap──▶ refusing since then
 *   refusing ──one as large as the last refused one passes──▶ passing
 *            ──by the figures it would: raised, or something came back──▶ passing
 *            ──the period ends──▶ passing
 *
 * A smaller call that still fits changes nothing: a client near its cap would flicker between two words. What ended stays ended until
 * the next refusal, whatever small calls take meanwhile. All gateways judge by the same words, and one that saw a
 * call pass counts for all.
 *
 * Figures of other gateways are a quarter of a second old, so right after a refusal they may show room that there never was:
 * they are believed a second later. A raised limit is believed at once.
 */

export type RefusingWord = Pick<TenantReport, 'lastRefusedAt' | 'passedAt' | 'refusingSince' | 'wanted'>;

/** A cap that a call passed. */
export interface CapOf {
  readonly capId: string;
}

/** Words of other gateways: a list or a map. */
export interface RefusingWords {
  values(): Iterable<RefusingWord>;
}

/** The refused call's cap as it stands now; `remaining`: what a call could have of it, nano-USD. */
export interface CapRoom {
  readonly periodStart: number;
  readonly limit: bigint;
  readonly remaining: bigint;
}

export interface Refusing {
  /** What this gateway tells the others. */
  readonly word: RefusingWord;
  /** `at`: milliseconds since the epoch, database clock, here and below. */
  refused(wanted: Wanted, at: number): void;
  /** A call of this bound passed these caps. */
  passed(others: RefusingWords, bound: bigint, scopes: readonly CapOf[], at: number): void;
  /** Since when calls are refused; 0: they pass. `roomOf` undefined: the cap is not known here. */
  since(others: RefusingWords, roomOf: (capId: string) => CapRoom | undefined, now: number): number;
  /** The cap of the refusal that nothing has ended yet; null: calls pass. */
  capId(others: RefusingWords): string | null;
}

const FIGURES_BELIEVED_AFTER_MS = 1_000;

export function createRefusing(): Refusing {
  let word: RefusingWord = { lastRefusedAt: 0, passedAt: 0, refusingSince: 0, wanted: null };

  function end(at: number): 0 {
    word = { ...word, refusingSince: 0, passedAt: Math.max(word.passedAt, at) };
    return 0;
  }

  /** The latest refusal of all gateways that nothing has ended yet, and since when. */
  function open(others: RefusingWords): { wanted: Wanted; lastRefusedAt: number; since: number } | undefined {
    let last = word;
    let passedAt = word.passedAt;
    for (const other of others.values()) {
      if (other.lastRefusedAt > last.lastRefusedAt) last = other;
      if (other.passedAt > passedAt) passedAt = other.passedAt;
    }
    const { wanted, lastRefusedAt } = last;
    if (wanted === null || passedAt > lastRefusedAt) return undefined;
    let since = lastRefusedAt;
    for (const { refusingSince } of [word, ...others.values()]) {
      if (refusingSince >= passedAt && refusingSince > 0 && refusingSince < since) since = refusingSince;
    }
    return { wanted, lastRefusedAt, since };
  }

  return {
    get word() {
      return word;
    },
    refused: (wanted, at) => {
      word = { ...word, wanted, lastRefusedAt: at, refusingSince: word.refusingSince === 0 ? at : word.refusingSince };
    },
    passed: (others, bound, scopes, at) => {
      const refusal = open(others);
      if (refusal === undefined) return;
      const { capId, bound: wanted } = refusal.wanted;
      if (bound >= BigInt(wanted) && scopes.some((scope) => scope.capId === capId)) end(at);
    },
    since: (others, roomOf, now) => {
      const refusal = open(others);
      if (refusal === undefined) {
        if (word.refusingSince !== 0) word = { ...word, refusingSince: 0 };
        return 0;
      }
      const { wanted, lastRefusedAt, since } = refusal;
      if (now >= wanted.periodEnd) return end(now);
      const room = roomOf(wanted.capId);
      if (room === undefined) return since;
      if (room.periodStart > wanted.periodStart) return end(now);
      const believed = room.limit > BigInt(wanted.limit) || now - lastRefusedAt >= FIGURES_BELIEVED_AFTER_MS;
      return believed && room.remaining >= BigInt(wanted.bound) ? end(now) : since;
    },
    capId: (others) => open(others)?.wanted.capId ?? null,
  };
}
