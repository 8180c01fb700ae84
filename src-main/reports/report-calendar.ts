import type { TenantMonth } from '../contract/reports.ts';

type Day = TenantMonth['days'][number];
type Month = TenantMonth['months'][number];

/** Every day of the month, those without usage too; of a running month, up to the day the dataset was read. None without usage. */
export function everyDay({ days, month, basis, asOf, tenant }: TenantMonth): Day[] {
  if (days.length === 0) return [];
  const [year = 0, number = 0] = month.split('-').map(Number);
  const last = new Date(Date.UTC(year, number, 0)).getUTCDate();
  const today = dayIn(tenant.timeZone, asOf);
  const known = new Map(days.map((day) => [day.day, day]));
  return Array.from({ length: last }, (_, index) => `${month}-${twoDigits(index + 1)}`)
    .filter((day) => basis === 'final' || day <= today || known.has(day))
    .map((day) => known.get(day) ?? { day, calls: 0, failedCalls: 0, costNanoUsd: 0n });
}

/** Every month from the first with usage up to the report's. None without usage. */
export function everyMonth({ months, month }: TenantMonth): Month[] {
  const all: Month[] = [];
  const known = new Map(months.map((one) => [one.month, one]));
  for (let at = months[0]?.month; at !== undefined && at <= month; at = nextMonth(at)) {
    all.push(known.get(at) ?? { month: at, calls: 0, failedCalls: 0, costNanoUsd: 0n });
  }
  return all;
}

function nextMonth(month: string): string {
  const [year = 0, number = 0] = month.split('-').map(Number);
  return number === 12 ? `${year + 1}-01` : `${year}-${twoDigits(number + 1)}`;
}

/** "2026-10-31" */
const dayIn = (timeZone: string, at: Date): string =>
  new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(at);

const twoDigits = (value: number): string => String(value).padStart(2, '0');
