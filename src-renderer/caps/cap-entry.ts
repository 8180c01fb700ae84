import { formatUsd, nanoUsdPerCent } from '../ui/format-usd.ts';
import { parseUsd } from '../ui/parse-usd.ts';
import type { CapIntent } from './cap-changes.ts';

/** The most the platform takes for a cap: 9 million USD a period (`MAX_CAP_NANO_USD` of the contract). */
const MOST_NANO_USD = 9_000_000_000_000_000n;

export interface CapFacts {
  limitNanoUsd: bigint;
  committedNanoUsd: bigint | null;
}

/**
 * What was typed into the cap field. `confirm`: a sentence to be agreed to once, because the change refuses every call.
 */
export type CapEntry =
  | { kind: 'invalid'; sentence: string }
  | { kind: 'valid'; intent: CapIntent; limitNanoUsd: bigint; confirm: string | null };

/** `mode`: the typed amount is the new cap, or is added to the cap there is. */
export function readCapEntry(text: string, mode: 'new' | 'add', facts: CapFacts): CapEntry {
  const parsed = parseUsd(text);
  if (!parsed.ok) return { kind: 'invalid', sentence: parsed.sentence };
  if (mode === 'add' && parsed.nanoUsd === 0n) return invalid('Enter more than 0 to raise the cap.');
  const limitNanoUsd = mode === 'add' ? facts.limitNanoUsd + parsed.nanoUsd : parsed.nanoUsd;
  if (limitNanoUsd > MOST_NANO_USD) return invalid(`A cap can be at most ${formatUsd(MOST_NANO_USD)} a period.`);
  if (limitNanoUsd === facts.limitNanoUsd) return invalid(`The cap is ${formatUsd(limitNanoUsd)} already.`);
  return {
    kind: 'valid',
    intent: { kind: 'set', limitNanoUsd },
    limitNanoUsd,
    confirm: confirmation(limitNanoUsd, facts.committedNanoUsd),
  };
}

/** A raise by whole percent, rounded up to a whole cent: what the platform will make of it, for the preview. */
export function raisedByPercent(limitNanoUsd: bigint, percent: number): bigint {
  const scaled = limitNanoUsd * BigInt(100 + percent);
  const unit = 100n * nanoUsdPerCent;
  return ((scaled + unit - 1n) / unit) * nanoUsdPerCent;
}

function confirmation(limitNanoUsd: bigint, committedNanoUsd: bigint | null): string | null {
  if (limitNanoUsd === 0n) return 'A cap of $0.00 refuses every call from now on.';
  if (committedNanoUsd === null || limitNanoUsd >= committedNanoUsd) return null;
  return (
    `${formatUsd(limitNanoUsd)} is below the ${formatUsd(committedNanoUsd)} committed already. ` +
    'Every call is refused until the cap is raised or the period ends.'
  );
}

function invalid(sentence: string): CapEntry {
  return { kind: 'invalid', sentence };
}
