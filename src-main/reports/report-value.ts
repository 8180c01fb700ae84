import type { TenantMonth } from '../contract/reports.ts';
import { decimal, halfUp } from './report-money.ts';

/** What one workflow was worth. `worthMinor` in the client's own currency; hours in tenths. */
export interface WorkflowValue {
  /** Null: calls that named none. */
  readonly workflow: string | null;
  readonly unit: string;
  readonly units: number;
  readonly costNanoUsd: bigint;
  readonly minutesSavedPerUnit: string;
  readonly hourlyWorthMinor: bigint;
  readonly tenthsOfHours: bigint;
  readonly worthMinor: bigint;
}

export interface ReportValue {
  readonly workflows: readonly WorkflowValue[];
  readonly costNanoUsd: bigint;
  readonly tenthsOfHours: bigint;
  readonly worthMinor: bigint;
}

/** The worth of the workflows for which somebody said what a unit saves; null: of none, or they did nothing. */
export function reportValue({ workflows }: Pick<TenantMonth, 'workflows'>): ReportValue | null {
  const known = workflows.flatMap(({ name, costNanoUsd, value }): WorkflowValue[] => {
    if (value === null || value.units === 0) return [];
    const { scaled, scale } = decimal(value.minutesSavedPerUnit);
    const minutes = BigInt(value.units) * scaled;
    return [
      {
        ...value,
        workflow: name,
        costNanoUsd,
        tenthsOfHours: halfUp(minutes * 10n, scale * 60n),
        worthMinor: halfUp(minutes * value.hourlyWorthMinor, scale * 60n),
      },
    ];
  });
  if (known.length === 0) return null;
  const sum = (of: (value: WorkflowValue) => bigint): bigint => known.reduce((all, value) => all + of(value), 0n);
  return {
    workflows: known,
    costNanoUsd: sum((value) => value.costNanoUsd),
    tenthsOfHours: sum((value) => value.tenthsOfHours),
    worthMinor: sum((value) => value.worthMinor),
  };
}
