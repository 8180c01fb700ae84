import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gaugeShape, percentFigure, type GaugeReading } from './gauge-geometry.ts';

function shapeOf(reading: Partial<GaugeReading>): ReturnType<typeof gaugeShape> {
  return gaugeShape({ committed: 0n, held: 0n, limit: 1000n, ticks: [], tone: 'calm', ...reading });
}

describe('gaugeShape', () => {
  it('stacks held on committed', () => {
    expect(shapeOf({ committed: 400n, held: 100n })).toEqual({
      kind: 'known',
      committed: 400,
      heldUntil: 500,
      percent: 40,
      over: false,
    });
  });

  it('never draws unknown as empty', () => {
    expect(shapeOf({ committed: null })).toMatchObject({ kind: 'unknown', percent: null });
    expect(shapeOf({ limit: null })).toMatchObject({ kind: 'unlimited', percent: null });
  });

  it('never says 0 % of something that was spent', () => {
    expect(percentFigure(shapeOf({ committed: 1n, limit: 100_000n }))).toBe('<1 %');
    expect(percentFigure(shapeOf({ committed: 0n, limit: 100_000n }))).toBe('0 %');
    expect(percentFigure(shapeOf({ committed: null }))).toBe('—');
  });

  it('says 100 % only when the limit is reached', () => {
    expect(shapeOf({ committed: 99_999n, limit: 100_000n })).toMatchObject({ percent: 99, committed: 999 });
    expect(shapeOf({ committed: 100_000n, limit: 100_000n })).toMatchObject({ percent: 100, committed: 1000 });
  });

  it('shows that something was spent, however little', () => {
    expect(shapeOf({ committed: 1n, limit: 1_000_000_000n }).committed).toBe(1);
  });

  it('marks more than the limit, and a limit of nothing', () => {
    expect(shapeOf({ committed: 1500n })).toMatchObject({ committed: 1000, percent: 150, over: true });
    expect(shapeOf({ committed: 0n, limit: 0n })).toMatchObject({ committed: 1000, percent: 100, over: false });
  });

  it('stays inside the bar for every reading', () => {
    const amount = fc.bigInt({ min: 0n, max: 9_000_000_000_000_000n });
    fc.assert(
      fc.property(amount, fc.option(amount), amount, (committed, held, limit) => {
        const shape = shapeOf({ committed, held, limit });
        expect(shape.committed).toBeGreaterThanOrEqual(0);
        expect(shape.committed).toBeLessThanOrEqual(shape.heldUntil);
        expect(shape.heldUntil).toBeLessThanOrEqual(1000);
      }),
    );
  });
});
