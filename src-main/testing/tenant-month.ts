import type { TenantMonth } from '../contract/reports.ts';

type Usage = TenantMonth['total'];

export const USAGE: Usage = {
  calls: 1000,
  failedCalls: 12,
  inputTokens: 1_200_000,
  cachedInputTokens: 300_000,
  outputTokens: 400_000,
  reasoningTokens: 50_000,
  costNanoUsd: 14_567_890_123_456n,
};

/** A finished October of a clinic in Delhi, two workflows, two models. */
export function aTenantMonth(over: Partial<TenantMonth> = {}): TenantMonth {
  const part = (usage: Partial<Usage>): Usage => ({ ...USAGE, ...usage });
  return {
    version: 1,
    tenant: {
      id: '0b5a3c2e-6f2b-4c1d-9d0e-0c2f4f9b7a11',
      slug: 'clinic-b',
      name: 'Clinic B',
      currency: 'INR',
      minorDigits: 2,
      timeZone: 'Asia/Kolkata',
    },
    brand: { displayName: 'Clinic B', colour: '#0f766e', logo: null, footer: 'Prepared for Clinic B', locale: 'en-IN' },
    month: '2026-10',
    basis: 'final',
    asOf: new Date('2026-11-20T09:10:11Z'),
    fx: { usdPerUnit: '0.0118', date: '2026-10-31', source: 'set by hand' },
    priceVersions: ['2026-10-01'],
    ledgerRows: 1000,
    total: USAGE,
    latency: { p50Ms: 420, p95Ms: 1870, p99Ms: 4200 },
    workflows: [
      {
        ...part({ calls: 700, failedCalls: 2, costNanoUsd: 10_000_000_000_000n }),
        name: 'Lead scoring',
        value: { unit: 'leads scored', units: 640, minutesSavedPerUnit: '4.50', hourlyWorthMinor: 50_000n },
      },
      { ...part({ calls: 300, failedCalls: 10, costNanoUsd: 4_567_890_123_456n }), name: 'Follow-ups', value: null },
    ],
    models: [
      { ...part({ calls: 900, costNanoUsd: 12_000_000_000_000n }), model: 'gpt-5-mini', provider: 'openai' },
      { ...part({ calls: 100, costNanoUsd: 2_567_890_123_456n }), model: 'claude-haiku-4-5', provider: 'anthropic' },
    ],
    days: Array.from({ length: 31 }, (_, index) => ({
      day: `2026-10-${String(index + 1).padStart(2, '0')}`,
      calls: index === 30 ? 10 : 33,
      failedCalls: index === 3 ? 12 : 0,
      costNanoUsd: index === 30 ? 14_567_890_123_456n - 30n * 480_000_000_000n : 480_000_000_000n,
    })),
    months: Array.from({ length: 13 }, (_, index) => ({
      month: index < 3 ? `2025-${index + 10}` : `2026-${String(index - 2).padStart(2, '0')}`,
      calls: 500 + index * 40,
      failedCalls: index,
      costNanoUsd: 7_000_000_000_000n + BigInt(index) * 600_000_000_000n,
    })),
    budget: [
      {
        from: new Date('2026-09-30T18:30:00Z'),
        until: new Date('2026-10-31T18:30:00Z'),
        limitNanoUsd: 20_000_000_000_000n,
        chargedNanoUsd: 14_567_890_123_456n,
      },
    ],
    counters: { messages: 5400, conversations: 1200, integrations: 310 },
    ...over,
  };
}
