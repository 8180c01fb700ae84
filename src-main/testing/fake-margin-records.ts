import type { MonthRecord, RunningRecord } from '../margins/margin-records.ts';
import { fakeId } from './fake-tenants.ts';

const named = (index: number, month: string) => ({
  tenant_id: fakeId(1, index),
  name: `Client ${index}`,
  slug: `client-${index}`,
  status: 'active' as const,
  time_zone: 'Asia/Kolkata',
  month,
  contract_id: fakeId(2, index),
  currency: 'INR',
  target_margin_bp: 6_500,
  minor_digits: 2,
  usd_per_unit: '0.0125',
  fx_date: '2026-11-20',
  fx_source: 'test',
});

/** A client whose running month (November 2026) is expected to bring $200, at $50 of AI and $10 of other cost. */
export function fakeRunning(index: number, over: Partial<RunningRecord> = {}): RunningRecord {
  return {
    ...named(index, '2026-11'),
    spent_nanousd: 30_000_000_000n,
    forecast_nanousd: 50_000_000_000n,
    high_nanousd: 55_000_000_000n,
    cap_bounds: false,
    to_date_revenue_minor: 1_066_667n,
    to_date_ai_cost_minor: 240_000n,
    to_date_other_cost_minor: 53_333n,
    to_date_margin_bp: 7_250n,
    forecast_revenue_minor: 1_600_000n,
    forecast_ai_cost_minor: 400_000n,
    forecast_other_cost_minor: 80_000n,
    forecast_margin_bp: 7_000n,
    margin_low_bp: 6_750n,
    margin_high_bp: 7_250n,
    to_date_revenue_nanousd: 133_333_375_000n,
    to_date_other_nanousd: 6_666_625_000n,
    forecast_revenue_nanousd: 200_000_000_000n,
    forecast_other_nanousd: 10_000_000_000n,
    ...over,
  };
}

/** The same client's month that is over. */
export function fakeMonth(index: number, month: string, over: Partial<MonthRecord> = {}): MonthRecord {
  return {
    ...named(index, month),
    cost_nanousd: 50_000_000_000n,
    revenue_minor: 1_600_000n,
    ai_cost_minor: 400_000n,
    other_cost_minor: 80_000n,
    margin_bp: 7_000n,
    revenue_nanousd: 200_000_000_000n,
    other_cost_nanousd: 10_000_000_000n,
    ...over,
  };
}
