import type { CountedQuota } from './quota.ts';

/** What a gateway says and asks about one window. Units are calls or tokens. */
export interface QuotaAsk {
  readonly tenantId: string;
  readonly quota: CountedQuota;
  readonly windowStart: number;
  readonly windowEnd: number;
  readonly limit: number;
  /** For calls that wait now, all together, and the smallest of them. 0: nothing is asked for. */
  readonly need: number;
  readonly smallest: number;
  /** With what would be taken ahead; `need` at least. */
  readonly want: number;
  /** Spent without the store less what is given back. */
  readonly change: number;
  /** What stays here unspent, before the answer. */
  readonly idle: number;
  /** Where there is no room, a recall begins: `owing` counts from now. */
  readonly recall: boolean;
  /** How many of this gateway's messages about the window the store has answered: when it remembers fewer, it was flushed or set back. */
  readonly told: number;
  /** Held here by open calls or idle: what a store that forgot counts beside the seed, in place of `change`. */
  readonly mine: number;
  /** Where to begin when the store forgot, or never knew the window; undefined: ask again with it. */
  readonly seed: number | undefined;
}

export interface QuotaAnswer {
  readonly granted: number;
  /** Handed out to all gateways in this window, spent or not. */
  readonly used: number;
  /** Where there was no room: how many other gateways hold some of it unspent, or have not said since the last recall that they don't. */
  readonly owing: number;
  /** For the next message. */
  readonly told: number;
}

export interface SessionAnswer {
  readonly admitted: boolean;
  /** How many are open. */
  readonly open: number;
  /** Milliseconds until the first of them ends. */
  readonly firstEndsIn: number;
}

/** Where gateways count together. Answers 'away' at once when that can't be had: then each counts alone. Nothing here rejects. */
export interface QuotaStore {
  exchange(ask: QuotaAsk): Promise<QuotaAnswer | 'away' | 'unseeded'>;
  /** Asks other gateways to give back what they hold unspent. */
  recall(tenantId: string, quota: CountedQuota): void;
  /** Opens a session, or says that as many are open as may be. */
  openSession(tenantId: string, session: string, limit: number, idleMs: number): Promise<SessionAnswer | 'away'>;
  /** These were used lately: [session, milliseconds ago]. */
  touchSessions(tenantId: string, sessions: readonly (readonly [string, number])[], idleMs: number): void;
  close(): void;
}
