/*
 * Does a provider answer?
 *
 *   answering ──two calls in a row got no answer (not reached, broken off)──▶ away
 *             ──three calls wait for their first byte for 5 s, and nothing was heard of it meanwhile──▶ away
 *   away ──it answers a call, whatever it says──▶ answering
 *        ──nobody asked it for a minute──▶ answering, as far as is known
 *
 * One call that breaks off is every day's trouble, and one long answer may take minutes: neither says that a provider is away.
 */
export interface ProviderHealth {
  /** A call goes out. */
  sent(providerId: string): SentCall;
  /** Those that do not answer, and for how long, milliseconds. */
  readonly away: readonly { readonly id: string; readonly awayMs: number }[];
}

/** One call on its way. One of these ends it; later words of the same call change nothing. */
export interface SentCall {
  /** The provider answered. */
  answered(): void;
  /** It was not reached, or broke off. */
  failed(): void;
  /** The client left: nothing is known. */
  dropped(): void;
}

const FAILURES = 2;
const WAITING = 3;
const SILENT_MS = 5_000;
const FORGET_MS = 60_000;

interface Provider {
  /** When calls that wait were sent, the oldest first. */
  readonly waiting: Set<{ readonly at: number }>;
  failures: number;
  /** When the first of the failures in a row was. */
  failingSince: number;
  lastFailure: number;
  heardAt: number;
}

export function createProviderHealth(monotonic: () => number): ProviderHealth {
  const providers = new Map<string, Provider>();

  function providerOf(id: string): Provider {
    let provider = providers.get(id);
    if (provider === undefined) {
      const never = Number.NEGATIVE_INFINITY;
      provider = { waiting: new Set(), failures: 0, failingSince: never, lastFailure: never, heardAt: never };
      providers.set(id, provider);
    }
    return provider;
  }

  /** Since when it is away; undefined: it answers. */
  function awaySince(provider: Provider, now: number): number | undefined {
    if (provider.failures >= FAILURES && now - provider.lastFailure < FORGET_MS) return provider.failingSince;
    const unheard = [...provider.waiting].filter(({ at }) => at > provider.heardAt && now - at >= SILENT_MS);
    return unheard.length >= WAITING ? unheard[0]?.at : undefined;
  }

  return {
    sent: (id) => {
      const provider = providerOf(id);
      const call = { at: monotonic() };
      provider.waiting.add(call);
      return {
        answered: () => {
          if (!provider.waiting.delete(call)) return;
          provider.failures = 0;
          provider.heardAt = monotonic();
        },
        failed: () => {
          if (!provider.waiting.delete(call)) return;
          const now = monotonic();
          if (provider.failures === 0 || now - provider.lastFailure >= FORGET_MS) {
            provider.failures = 0;
            provider.failingSince = now;
          }
          provider.failures += 1;
          provider.lastFailure = now;
        },
        dropped: () => {
          provider.waiting.delete(call);
        },
      };
    },
    get away() {
      const now = monotonic();
      return [...providers].flatMap(([id, provider]) => {
        const since = awaySince(provider, now);
        return since === undefined ? [] : [{ id, awayMs: Math.round(now - since) }];
      });
    },
  };
}
