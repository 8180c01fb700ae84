import { tenantMonth, type TenantMonth } from '../contract/reports.ts';

const AMOUNT = /(NanoUsd|Minor)$/;
const INSTANT = new Set(['asOf', 'from', 'until']);

/**
 * The dataset from the JSON in which the platform tells it: amounts are whole numbers there (below 2^53 by the limits of caps), instants
 * are texts. @throws when it is not one
 */
export function tenantMonthOf(text: string): TenantMonth {
  return tenantMonth.parse(
    JSON.parse(text, (key, value: unknown) => {
      if (typeof value === 'number' && AMOUNT.test(key)) return Number.isSafeInteger(value) ? BigInt(value) : value;
      return typeof value === 'string' && INSTANT.has(key) ? new Date(value) : value;
    }),
  );
}
