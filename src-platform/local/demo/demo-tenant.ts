/** Share of the day's calls in each hour of the tenant's own day: a name for a typical shape. */
export type DayCurve = 'office' | 'evening' | 'always' | 'night';

/** A model in use, with its share of a workflow's calls. */
export interface DemoModel {
  readonly provider: 'openai' | 'anthropic' | 'google';
  readonly model: string;
  readonly share: number;
}

/** One workflow of a demo tenant. Token counts are medians of a call. */
export interface DemoWorkflow {
  readonly slug: string;
  readonly name: string;
  /** Share of the tenant's calls, relative to its other workflows. */
  readonly weight: number;
  readonly models: readonly DemoModel[];
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly curve: DayCurve;
  /** Share of calls that stream. */
  readonly streaming: number;
}

/** What the traffic sends for a tenant: smaller calls than history's, for they come by the second. */
export interface LiveTraffic {
  readonly callsPerSecond: number;
  /** The model of the live calls; undefined: the cheapest the workflow uses. */
  readonly model?: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** A pretend client of the agency. */
export interface DemoTenant {
  readonly slug: string;
  readonly name: string;
  readonly plan: 'free' | 'pro' | 'enterprise';
  /** ISO 4217. */
  readonly currency: string;
  /** IANA name. */
  readonly timeZone: string;
  /**
   * Days between the beginning of the cap's period and the first start: makes the anchor day. Undefined: the calendar
   * month.
   */
  readonly periodBeganDaysAgo?: number;
  /** Share of its cap that a tenant has spent after the first start, where the period is old enough for it. */
  readonly capShare: number;
  /** Its daily cap beside the monthly one, in mean days of the last thirty; undefined: none. */
  readonly dayCapInMeanDays?: number;
  /** Share of the history's rows, relative to the other tenants. */
  readonly weight: number;
  /** Growth of its calls from month to month: 0.05 = 5 %. */
  readonly growth: number;
  readonly workflows: readonly DemoWorkflow[];
  readonly live: LiveTraffic;
  /** What it asks for when its cap refuses it; undefined: nothing. */
  readonly asksFor?: { readonly amountUsd: string; readonly reason: string };
}

const shapes: Readonly<Record<DayCurve, readonly number[]>> = {
  office: [1, 1, 1, 1, 1, 2, 4, 8, 16, 26, 32, 33, 27, 24, 30, 32, 30, 26, 18, 11, 7, 4, 2, 1],
  evening: [4, 2, 1, 1, 1, 1, 2, 4, 7, 10, 13, 16, 20, 18, 14, 14, 16, 22, 30, 36, 36, 30, 20, 10],
  always: [8, 7, 6, 6, 6, 7, 9, 12, 15, 17, 18, 18, 17, 17, 18, 18, 17, 17, 16, 15, 14, 13, 11, 9],
  night: [30, 36, 34, 28, 20, 12, 6, 4, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 4, 5, 7, 10, 16, 24],
};

/** Relative weight of each hour of the day, 24 numbers. */
export function hourWeights(curve: DayCurve): readonly number[] {
  return shapes[curve];
}

/** Relative weight of a day of the week (0 = Sunday). */
export function weekdayWeight(curve: DayCurve, weekday: number): number {
  const weekend = weekday === 0 || weekday === 6;
  if (curve === 'office') return weekday === 0 ? 0.15 : weekday === 6 ? 0.45 : 1;
  if (curve === 'evening') return weekend ? 1.35 : 0.95;
  return weekend ? 0.8 : 1;
}
