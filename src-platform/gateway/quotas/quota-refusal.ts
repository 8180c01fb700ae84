import type { Refusal } from '../admission/refusal.ts';
import { zonedIso } from '../admission/zoned-iso.ts';
import type { TenantPolicy } from '../policy/policy.ts';
import type { Quota } from './quota.ts';
import type { QuotaStanding, QuotaStop } from './quota-desk.ts';

const WORDS: Readonly<Record<Quota, (limit: string) => string>> = {
  requests_per_minute: (limit) => `${limit} requests a minute`,
  requests_per_day: (limit) => `${limit} requests a day`,
  tokens_per_minute: (limit) => `${limit} tokens a minute`,
  tokens_per_day: (limit) => `${limit} tokens a day`,
  tokens_per_month: (limit) => `${limit} tokens a month`,
  concurrent_sessions: (limit) => `${limit} sessions at once`,
};
/** SDKs wait as long as they are told; nobody sits a longer time in front of a screen. */
const WORTH_WAITING_SECONDS = 60;

/** `at`: milliseconds since the epoch. Which quota, and to the second when a call like it can pass. */
export function quotaReached(tenant: TenantPolicy, stop: QuotaStop, at: number): Refusal {
  const seconds = Math.max(1, Math.ceil(stop.retryInMs / 1_000));
  const allowed = WORDS[stop.quota](stop.limit.toLocaleString('en-US'));
  const resumesAt = zonedIso(at + seconds * 1_000, tenant.timeZone);
  const advice = stop.never
    ? 'This call alone is more than that: ask for a shorter answer, or send less.'
    : `Calls pass again at ${resumesAt}.`;
  return {
    status: 429,
    type: 'rate_limit_exceeded',
    code: stop.quota,
    message: `${tenant.name} may use ${allowed}, and they are used up. ${advice}`,
    facts: { quota: stop.quota, quota_limit: stop.limit, retry_after_seconds: seconds, resumes_at: resumesAt },
    headers: {
      ...rateHeaders(stop.standings),
      'retry-after': String(seconds),
      ...(stop.never || seconds > WORTH_WAITING_SECONDS ? { 'x-should-retry': 'false' } : {}),
    },
  };
}

/** As OpenAI tells them: limit, remaining, and how long until it is whole again, for calls and for tokens. */
export function rateHeaders(standings: readonly QuotaStanding[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const { kind, limit, remaining, resetsInMs } of standings) {
    headers[`x-ratelimit-limit-${kind}`] = String(limit);
    headers[`x-ratelimit-remaining-${kind}`] = String(Math.floor(remaining));
    headers[`x-ratelimit-reset-${kind}`] = `${Math.ceil(resetsInMs / 1_000)}s`;
  }
  return headers;
}
