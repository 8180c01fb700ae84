import type { Quota } from '../../src-main/contract/limits.ts';
import { formatInZone } from '../ui/format-instant.ts';

export const QUOTA_NAMES: Readonly<Record<Quota['quota'], string>> = {
  requests_per_minute: 'Requests a minute',
  requests_per_day: 'Requests a day',
  tokens_per_minute: 'Tokens a minute',
  tokens_per_day: 'Tokens a day',
  tokens_per_month: 'Tokens a month',
  max_tokens_per_message: 'Tokens of an answer',
  concurrent_sessions: 'Sessions at once',
};

/** "1,250,000" */
export const countText = (count: bigint): string => count.toLocaleString('en-US');

/** "12 of 600, as the plan", "no limit": what is used, of what, and who set it. */
export function standingWords({ used, limit, follows }: Quota): string {
  const whose = follows === 'plan' ? ', as the plan' : '';
  const spent = used === null ? null : countText(used);
  if (limit === null) return `${spent === null ? '' : `${spent} used, `}no limit${whose}`;
  return `${spent === null ? 'at most ' : `${spent} of `}${countText(limit)}${whose}`;
}

/** " · resets 22 Nov 00:00 IST"; nothing for what goes by the minute: its end is always near. */
export function resetWords({ quota, resetsAt }: Pick<Quota, 'quota' | 'resetsAt'>, timeZone: string): string {
  const minute = quota === 'requests_per_minute' || quota === 'tokens_per_minute';
  return resetsAt === null || minute ? '' : ` · resets ${formatInZone(resetsAt, timeZone)}`;
}

const MOST = 1_000_000_000_000n;
const MOST_OF_AN_ANSWER = 10_000_000n;

/** A whole number as a person types it: "600", "1,250,000", "20 000". */
export function parseCount(
  text: string,
  quota: Quota['quota'],
): { ok: true; count: bigint } | { ok: false; sentence: string } {
  const typed = text.trim().replaceAll(/[\s,]/g, '');
  if (!/^\d{1,15}$/.test(typed)) return { ok: false, sentence: 'Enter a whole number, like 600 or 1,250,000.' };
  const count = BigInt(typed);
  const answer = quota === 'max_tokens_per_message';
  const most = answer ? MOST_OF_AN_ANSWER : MOST;
  if (count > most) return { ok: false, sentence: `That is more than ${countText(most)}, the most there can be.` };
  if (answer && count === 0n) return { ok: false, sentence: 'An answer has at least one token.' };
  return { ok: true, count };
}
