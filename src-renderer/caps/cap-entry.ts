import type { OverrideEnd } from '../../src-main/contract/caps.ts';
import { formatUsd, nanoUsdPerCent } from '../ui/format-usd.ts';
import { parseUsd } from '../ui/parse-usd.ts';
import type { LimitIntent, OverrideIntent } from './cap-changes.ts';

/** The most the platform takes for a cap: 9 million USD a period (`MAX_CAP_NANO_USD` of the contract). */
const MOST_NANO_USD = 9_000_000_000_000_000n;

export interface CapFacts {
  limitNanoUsd: bigint;
  /** What temporary raises add to it. */
  overrideNanoUsd: bigint;
  committedNanoUsd: bigint | null;
}

/** What a typed amount means: the new cap, a raise of the cap there is, or one for a time. */
export type EntryMode = 'new' | 'add' | 'time';

/**
 * What was typed into the cap field. `confirm`: what follows, to be agreed to once, because the change lowers the cap.
 * `limitNanoUsd`: of the cap itself, then.
 */
export type CapEntry =
  | { kind: 'invalid'; sentence: string }
  | {
      kind: 'valid';
      intent: LimitIntent | OverrideIntent;
      limitNanoUsd: bigint;
      confirm: { sentence: string; button: string } | null;
    };

/** `end`: of a raise for a time; its date may be missing as long as none is chosen. */
export function readCapEntry(text: string, mode: EntryMode, facts: CapFacts, end: OverrideEnd): CapEntry {
  const parsed = parseUsd(text);
  if (!parsed.ok) return { kind: 'invalid', sentence: parsed.sentence };
  const { limitNanoUsd: now, overrideNanoUsd } = facts;
  if (mode !== 'new' && parsed.nanoUsd === 0n) return invalid('Enter more than 0 to raise the cap.');
  const limitNanoUsd = mode === 'add' ? now + parsed.nanoUsd : mode === 'new' ? parsed.nanoUsd : now;
  const inForce = limitNanoUsd + overrideNanoUsd + (mode === 'time' ? parsed.nanoUsd : 0n);
  // Temporary raises never stand in the way of a lower cap.
  if (limitNanoUsd > MOST_NANO_USD || (inForce > MOST_NANO_USD && limitNanoUsd >= now)) {
    const what = overrideNanoUsd > 0n || mode === 'time' ? 'A cap and its temporary raises' : 'A cap';
    return invalid(`${what} can be at most ${formatUsd(MOST_NANO_USD)} a period.`);
  }
  if (mode === 'time') {
    if (end.until === 'date' && end.localDateTime === '') return invalid('Choose the day and hour when it ends.');
    const intent = { kind: 'override', amountNanoUsd: parsed.nanoUsd, end } as const;
    return { kind: 'valid', intent, limitNanoUsd, confirm: null };
  }
  if (limitNanoUsd === now) return invalid(`The cap is ${formatUsd(now)} already.`);
  return {
    kind: 'valid',
    intent: { kind: 'set', limitNanoUsd },
    limitNanoUsd,
    confirm: limitNanoUsd < now ? confirmation(limitNanoUsd, facts) : null,
  };
}

/** A raise by whole percent, rounded up to a whole cent: what the platform will make of it, for the preview. */
export function raisedByPercent(limitNanoUsd: bigint, percent: number): bigint {
  const scaled = limitNanoUsd * BigInt(100 + percent);
  const unit = 100n * nanoUsdPerCent;
  return ((scaled + unit - 1n) / unit) * nanoUsdPerCent;
}

/** What follows when the limit in force becomes `inForce`: every call refused, or how much is left. */
export function consequence(inForce: bigint, committedNanoUsd: bigint | null): { refuses: boolean; sentence: string } {
  if (inForce === 0n) return { refuses: true, sentence: 'A cap of $0.00 refuses every call from now on.' };
  if (committedNanoUsd === null) {
    return { refuses: false, sentence: 'What is committed is unknown: it may be more, then every call is refused.' };
  }
  if (inForce < committedNanoUsd) {
    return {
      refuses: true,
      sentence:
        `${formatUsd(inForce)} is below the ${formatUsd(committedNanoUsd)} committed already. ` +
        'Every call is refused until the cap is raised or the period ends.',
    };
  }
  return {
    refuses: false,
    sentence: `${formatUsd(inForce - committedNanoUsd)} of ${formatUsd(inForce)} is left then.`,
  };
}

function confirmation(limitNanoUsd: bigint, facts: CapFacts): { sentence: string; button: string } {
  const { refuses, sentence } = consequence(limitNanoUsd + facts.overrideNanoUsd, facts.committedNanoUsd);
  const to = formatUsd(limitNanoUsd);
  if (refuses) return { sentence, button: `Set to ${to} anyway` };
  return {
    sentence: `Lowers the cap from ${formatUsd(facts.limitNanoUsd)} to ${to}. ${sentence}`,
    button: `Lower to ${to}`,
  };
}

function invalid(sentence: string): CapEntry {
  return { kind: 'invalid', sentence };
}
