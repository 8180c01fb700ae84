import type { ScopedCap } from '../../src-main/contract/limits.ts';

/** "workflow Lead scoring", "key website bot, a day". */
export function scopedCapName({ scope, ofName, ofId, period }: ScopedCap): string {
  // Who sees no keys tells them apart by the end of the id.
  const name = ofName ?? `…${ofId.slice(-4)}`;
  return `${scope} ${name}${period === 'day' ? ', a day' : ''}`;
}
