import type { TenantKey } from '../../src-main/contract/keys.ts';
import { formatSince } from '../ui/format-instant.ts';
import type { StateShape, Tone } from '../ui/state-mark.tsx';

/** How long the old secret of a rotated key stays accepted; the operator chooses. */
export const OVERLAPS: readonly { seconds: number; label: string }[] = [
  { seconds: 0, label: 'not at all: it ends now' },
  { seconds: 3_600, label: 'for an hour' },
  { seconds: 86_400, label: 'for a day' },
  { seconds: 7 * 86_400, label: 'for 7 days' },
  { seconds: 30 * 86_400, label: 'for 30 days' },
];

/** Long enough to change it in the client's workflows on a working day. */
export const USUAL_OVERLAP_SECONDS = 86_400;

/** A key's state: a shape and words besides the colour. */
export interface KeyWords {
  shape: StateShape;
  tone: Tone;
  text: string;
}

export function keyWords(key: TenantKey, now = new Date()): KeyWords {
  if (key.revoked !== null) {
    const by = key.revoked.by === null ? '' : ` by ${key.revoked.by}`;
    return { shape: 'pause', tone: 'idle', text: `revoked ${formatSince(key.revoked.at, now)}${by}` };
  }
  if (key.lastUsedAt === null) return { shape: 'dashed', tone: 'idle', text: 'never used' };
  return { shape: 'circle', tone: 'calm', text: `last used ${formatSince(key.lastUsedAt, now)}` };
}

/** "td_Ab3x…9f3c": all that is known of a secret. */
export function shownSecret({ prefix, last4 }: Pick<TenantKey, 'prefix' | 'last4'>): string {
  return `${prefix}…${last4}`;
}
