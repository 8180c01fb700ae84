import type { ConsoleAccess } from '../../src-main/contract/profiles.ts';
import type { LockReason } from '../../src-main/contract/vault.ts';
import { formatSince } from '../ui/format-instant.ts';

const REASONS: Record<Exclude<LockReason, 'start'>, string> = {
  command: 'by command',
  idle: 'because nobody was at the window',
  long: 'because eight hours had passed since it was unlocked',
  sleep: 'because the computer slept',
  screen: 'with the screen',
};

/** Since when, and why. Null: it begins so, and nobody locked it. */
export function lockWords(lock: ConsoleAccess['lock'], now = new Date(), timeZone?: string): string | null {
  if (lock === null || lock.reason === 'start') return null;
  return `Locked at ${formatSince(lock.since, now, timeZone)} ${REASONS[lock.reason]}.`;
}
