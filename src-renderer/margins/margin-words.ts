import type { MarginDrivers, MarginRow } from '../../src-main/contract/margins.ts';
import type { OperatorRole, SessionState } from '../../src-main/contract/session.ts';
import type { StateShape, Tone } from '../ui/state-mark.tsx';

/** What agencies compare themselves with, in basis points: custom builds for each client, and a shared platform. */
export const BANDS = {
  custom: { from: 3_000n, to: 4_500n, words: 'custom builds earn 30–45 %' },
  shared: { from: 6_500n, to: 8_000n, words: '65–80 % is healthy on a shared platform' },
} as const;

/** How a margin stands, in a word and a shape; the colour only repeats it. Red is for losing money. */
export function marginState(row: Pick<MarginRow, 'whole' | 'contract' | 'fx'>): {
  word: string;
  shape: StateShape;
  tone: Tone;
} {
  const bp = row.whole?.marginBp ?? null;
  if (row.contract === null) return { word: 'no contract', shape: 'dashed', tone: 'warn' };
  if (row.fx === null) return { word: `no rate for ${row.contract.currency}`, shape: 'dashed', tone: 'warn' };
  if (bp === null) return { word: 'no revenue', shape: 'dashed', tone: 'idle' };
  if (bp < 0n) return { word: 'loses money', shape: 'square', tone: 'alarm' };
  if (bp < BigInt(row.contract.targetMarginBp)) return { word: 'below target', shape: 'triangle', tone: 'warn' };
  return { word: 'on target', shape: 'circle', tone: 'calm' };
}

/** Ranges of margins, for a count of clients in each. Upper ends are not in it. */
export const RANGES: readonly { name: string; from: bigint | null; to: bigint | null; note: string }[] = [
  { name: 'loses money', from: null, to: 0n, note: '' },
  { name: '0–30 %', from: 0n, to: 3_000n, note: '' },
  { name: '30–45 %', from: 3_000n, to: 4_500n, note: 'custom builds' },
  { name: '45–65 %', from: 4_500n, to: 6_500n, note: '' },
  { name: '65–80 %', from: 6_500n, to: 8_001n, note: 'healthy, shared platform' },
  { name: 'over 80 %', from: 8_001n, to: null, note: '' },
];

export const STEP_WORDS: Record<MarginDrivers['steps'][number]['kind'], string> = {
  contract: 'Contract in another currency',
  retainer: 'Retainer',
  overage: 'Overage',
  otherCost: 'Other direct cost',
  fx: 'Exchange rate',
};

/** "Nov" of "2026-11". */
export function monthAbbreviation(month: string): string {
  return new Date(`${month}-01T00:00:00Z`).toLocaleDateString('en-US', { month: 'short', timeZone: 'UTC' });
}

export function monthBefore(month: string): string {
  const at = new Date(`${month}-01T00:00:00Z`);
  at.setUTCMonth(at.getUTCMonth() - 1);
  return at.toISOString().slice(0, 7);
}

export interface MarginPermission {
  /** Why the operator sees no margins; null: they do. */
  see: string | null;
  /** Why they can't change contracts and rates; null: they can. */
  change: string | null;
}

const ONLY_ADMINS = 'Contracts and rates are changed by admins. Ask one to change this.';

/** What the page shows. Only the database decides; this says why beforehand. `changesOff`: why no change can be made now. */
export function marginPermission(operator: SessionState['operator'], changesOff: string | null): MarginPermission {
  if (operator === null) return { see: null, change: 'Nobody is signed in, so contracts can’t be changed.' };
  const { see, change } = BY_ROLE[operator.role];
  return { see, change: change ?? changesOff };
}

const BY_ROLE: Record<OperatorRole, MarginPermission> = {
  viewer: {
    see: 'Your role, viewer, sees usage and caps, but no contracts and margins. Ask an admin for another role.',
    change: ONLY_ADMINS,
  },
  account_manager: { see: null, change: ONLY_ADMINS },
  operator: { see: null, change: ONLY_ADMINS },
  auditor: { see: null, change: ONLY_ADMINS },
  admin: { see: null, change: null },
};
