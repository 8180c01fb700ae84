import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boardRow } from './board-row.fixture.ts';
import { keepOrder, orderBoard, sameOrder, shareOfCap, type BoardOrder } from './board-order.ts';

describe('the order of the board', () => {
  it('puts what needs an eye first, worst first, then the share of the cap', () => {
    const rows = [
      boardRow({ name: 'calm, much', percent: 79 }),
      boardRow({ name: 'runs out', percent: 60, attention: 'runs_out' }),
      boardRow({ name: 'near', percent: 96, attention: 'near_cap' }),
      boardRow({ name: 'calm, little', percent: 3 }),
      boardRow({ name: 'nobody knows', percent: null, attention: 'unknown' }),
      boardRow({ name: 'refusing', percent: 100, attention: 'refusing' }),
      boardRow({ name: 'asleep', percent: 99, attention: 'suspended', status: 'suspended' }),
      boardRow({ name: 'without a cap', cap: null }),
    ];
    expect(orderBoard(rows)).toEqual({
      ids: ['refusing', 'near', 'runs out', 'nobody knows', 'asleep', 'calm, much', 'calm, little', 'without a cap'],
      attentionCount: 4,
    });
  });

  it('is the same whatever order the rows came in', () => {
    const rows = Array.from({ length: 30 }, (_, index) => boardRow({ name: `client ${index}`, percent: index % 5 }));
    const wanted = orderBoard(rows);
    fc.assert(
      fc.property(fc.shuffledSubarray(rows, { minLength: rows.length }), (shuffled) => {
        expect(sameOrder(orderBoard(shuffled), wanted)).toBe(true);
      }),
    );
  });

  it('rounds the share down, so that 100 % means reached', () => {
    expect(shareOfCap(boardRow({ percent: 99.999 }))).toBe(999);
    expect(shareOfCap(boardRow({ percent: null }))).toBeNull();
    expect(shareOfCap(boardRow({ cap: null }))).toBeNull();
  });
});

describe('an order that is held', () => {
  const shown: BoardOrder = { ids: ['a', 'b', 'c', 'd'], attentionCount: 2 };

  it('moves nobody', () => {
    expect(keepOrder(shown, { ids: ['d', 'c', 'b', 'a'], attentionCount: 1 })).toEqual(shown);
  });

  it('drops who is gone and adds who is new at the end', () => {
    expect(keepOrder(shown, { ids: ['e', 'd', 'c', 'a'], attentionCount: 2 })).toEqual({
      ids: ['a', 'c', 'd', 'e'],
      attentionCount: 1,
    });
  });
});
