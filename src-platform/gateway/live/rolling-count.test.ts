import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRollingCount } from './rolling-count.ts';

test('counts what lies in the last slots, whatever the gaps', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ gap: fc.nat(40_000), add: fc.boolean() })), (steps) => {
      const count = createRollingCount(60, 1_000);
      const events: number[] = [];
      let now = 1_700_000_000_000;
      for (const { gap, add } of steps) {
        now += gap;
        if (add) {
          count.add(now);
          events.push(now);
        }
        const oldest = Math.floor(now / 1_000) - 59;
        expect(count.sum(now)).toBe(events.filter((at) => Math.floor(at / 1_000) >= oldest).length);
      }
    }),
  );
});
