/**
 * Whether what the console kept may be shown, and as whom.
 *
 *   waiting ── the database says who this is ──▶ live ── database away ──▶ kept ── seven days ──▶ locked
 *   waiting ── database away, signed in within seven days ──▶ kept
 *   waiting ── database away, longer ago, or never ──▶ locked
 *   any ── the database refuses this login ──▶ locked, and the sign-in is forgotten
 *   any ── the database says who this is ──▶ live
 *
 * Seven days are counted by the platform's clock as it was at the sign-in, from the highest time ever seen: setting this machine's
 * clock back gains nothing.
 */
import { z } from 'zod';
import { operatorRole, type LinkState, type SessionState } from '../contract/session.ts';
import type { Cache, CacheKind } from '../infra/cache.ts';
import type { Clock } from '../infra/clock.ts';
import { OperatorError } from '../infra/operator-error.ts';
import { createStateFeed, type StateFeed } from '../infra/state-feed.ts';

type Operator = NonNullable<SessionState['operator']>;

export type OfflineAccess =
  | { readonly state: 'waiting' }
  /** `asOf`: when the database last said who this is, by its clock. */
  | { readonly state: 'live' | 'kept'; readonly operator: Operator; readonly asOf: Date }
  /** `refusal`: its sentence says what to do. */
  | { readonly state: 'locked'; readonly refusal: OperatorError };

export interface OfflineGuard {
  readonly feed: StateFeed<OfflineAccess>;
  /** What was kept may be shown. */
  isOpen(): boolean;
  /** The database said who this is; `at`: by its clock. */
  signedIn(operator: Operator, at: Date): void;
  /** The database does not take this login: what was kept stays closed until it does. */
  refused(refusal: OperatorError): void;
  close(): void;
}

export interface OfflineGuardOptions {
  readonly cache: Cache;
  readonly login: string;
  readonly database: StateFeed<LinkState>;
  readonly clock: Clock;
}

const DAY_MS = 86_400_000;
const GOOD_FOR_DAYS = 7;
const TICK_MS = 60_000;

const SIGN_IN = {
  name: 'session',
  schema: z.object({
    operator: z.object({
      login: z.string(),
      name: z.string(),
      role: operatorRole,
      raiseLimitNanoUsd: z.bigint().nullable(),
      raised24hNanoUsd: z.bigint(),
    }),
    /** The platform's clock minus this machine's at the sign-in, in ms. */
    leadMs: z.number(),
    /** The highest time seen, by the platform's clock. */
    seen: z.date(),
  }),
} satisfies CacheKind<unknown>;
type SignIn = z.infer<typeof SIGN_IN.schema>;
const LAST = 'last';

export function createOfflineGuard({ cache, login, database, clock }: OfflineGuardOptions): OfflineGuard {
  const feed = createStateFeed<OfflineAccess>({ state: 'waiting' });
  let kept = cache.read(SIGN_IN, LAST);

  /** Now as far as anybody can tell: never before what was seen. */
  function keptNow({ leadMs, seen }: SignIn): number {
    return Math.max(clock.now().getTime() + leadMs, seen.getTime());
  }

  function keep(signIn: SignIn, asOf: Date): void {
    kept = { value: signIn, asOf };
    cache.write(SIGN_IN, LAST, kept);
  }

  function offline(): OfflineAccess {
    if (kept === null) {
      return locked(
        `Nothing is kept yet for the login "${login}" on this machine. Its first sign-in needs the platform.`,
      );
    }
    const days = (keptNow(kept.value) - kept.asOf.getTime()) / DAY_MS;
    if (days <= GOOD_FOR_DAYS) return { state: 'kept', operator: kept.value.operator, asOf: kept.asOf };
    return locked(
      `The last sign-in of "${login}" was ${Math.floor(days)} days ago, and what is kept opens without the platform for ${GOOD_FOR_DAYS} days. Connect to the platform once to open it again.`,
    );
  }

  function platformAway(): void {
    const { state } = feed.get();
    if (state !== 'locked') feed.set(offline());
  }

  function tick(): void {
    if (kept === null) return;
    const seen = new Date(Math.max(keptNow(kept.value), kept.value.seen.getTime() + TICK_MS));
    // While the database answers each sign-in says what time it is.
    if (feed.get().state !== 'live') keep({ ...kept.value, seen }, kept.asOf);
    if (feed.get().state === 'kept') feed.set(offline());
  }

  const stops = [
    database.subscribe(({ state }) => {
      if (state === 'away') platformAway();
    }),
    clock.every(TICK_MS, tick),
  ];
  return {
    feed,
    isOpen: () => ['live', 'kept'].includes(feed.get().state),
    signedIn(operator, at) {
      keep({ operator, leadMs: at.getTime() - clock.now().getTime(), seen: at }, at);
      feed.set({ state: 'live', operator, asOf: at });
    },
    refused(refusal) {
      kept = null;
      cache.remove(SIGN_IN, LAST);
      feed.set({ state: 'locked', refusal });
    },
    close() {
      for (const stop of stops) stop();
      feed.close();
    },
  };
}

function locked(reason: string): OfflineAccess {
  return { state: 'locked', refusal: new OperatorError('UNAUTHORIZED', reason) };
}
