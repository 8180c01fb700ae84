/** Quotas that count something up in a window. Sessions are no such: they end one by one. */
export const COUNTED_QUOTAS = [
  'requests_per_minute',
  'requests_per_day',
  'tokens_per_minute',
  'tokens_per_day',
  'tokens_per_month',
] as const;
export type CountedQuota = (typeof COUNTED_QUOTAS)[number];
export type Quota = CountedQuota | 'concurrent_sessions';

/** The running period of a day or month, as the database computed it, and the end of the next. Milliseconds since the epoch. */
export interface QuotaPeriod {
  readonly start: number;
  readonly end: number;
  readonly nextEnd: number;
}

export interface QuotaLimit {
  readonly quota: CountedQuota;
  readonly limit: number;
  /** Null: a minute, the same everywhere. */
  readonly period: QuotaPeriod | null;
}

/** What a tenant may use besides money. */
export interface QuotaPolicy {
  /** In the order in which they are asked and named. */
  readonly counted: readonly QuotaLimit[];
  /** Sessions at once; null: any number. */
  readonly sessions: number | null;
}

/** The one that most tenants have: a call of theirs is not looked at again. */
export const NO_QUOTAS: QuotaPolicy = { counted: [], sessions: null };

export interface QuotaWindow {
  readonly start: number;
  readonly end: number;
}

const MINUTE_MS = 60_000;

/** The window that an instant lies in. */
export function windowOf({ period }: QuotaLimit, at: number): QuotaWindow {
  if (period === null) {
    const start = at - (at % MINUTE_MS);
    return { start, end: start + MINUTE_MS };
  }
  if (at < period.end) return { start: period.start, end: period.end };
  return { start: period.end, end: Math.max(period.nextEnd, at + 1) };
}

export const countsTokens = (quota: CountedQuota): boolean => quota.startsWith('tokens');
