/** The board as it is kept for the time without a platform: what both sources told, with the instants that vouch for it. */
import { z } from 'zod';
import type { BoardRow } from '../contract/board.ts';
import type { CacheKind } from '../infra/cache.ts';
import type { LiveTenant } from '../infra/gateway-client/live-frame.ts';
import type { LedgerRow } from './ledger-row.ts';

const ledgerCap = z.object({
  capId: z.uuid(),
  version: z.int(),
  limitNanoUsd: z.bigint(),
  override: z.object({ amountNanoUsd: z.bigint(), count: z.int(), nextEnd: z.date().nullable() }).nullable(),
  periodStart: z.date(),
  periodEnd: z.date(),
  thresholds: z.array(z.int()).readonly(),
  chargedNanoUsd: z.bigint(),
  opened: z.boolean(),
});

const ledgerRow = z.object({
  tenantId: z.uuid(),
  slug: z.string(),
  name: z.string(),
  plan: z.string(),
  currency: z.string(),
  timeZone: z.string(),
  status: z.enum(['active', 'suspended', 'archived']),
  cap: ledgerCap.nullable(),
  dayCap: ledgerCap.nullable(),
  burnNanoUsdPerDay: z.bigint().nullable(),
  spentTodayNanoUsd: z.bigint().nullable(),
  callsToday: z.int(),
  failedToday: z.int(),
  p95TodayMs: z.int().nullable(),
  refusedLastHour: z.int().nullable(),
  at: z.date(),
});

const liveTenant = z.object({
  id: z.uuid(),
  at: z.date(),
  caps: z.array(
    z.object({
      capId: z.uuid(),
      scope: z.enum(['tenant', 'key', 'workflow']),
      period: z.enum(['month', 'day']),
      periodStart: z.date(),
      periodEnd: z.date(),
      committed: z.bigint(),
      held: z.bigint(),
    }),
  ),
  callsLastMinute: z.int(),
  failedLastMinute: z.int(),
  refusedLastHour: z.int(),
  refusingSince: z.date().nullable(),
  refusingCapId: z.uuid().nullable(),
});

export const KEPT_BOARD = {
  name: 'board',
  schema: z.object({
    ledger: z.array(ledgerRow),
    live: z.array(liveTenant),
    /** When the gateways were heard last, by the platform's clock; null: never. */
    heardAt: z.date().nullable(),
    /** The platform's clock minus this machine's, in ms. */
    leadMs: z.number(),
  }),
} satisfies CacheKind<unknown>;

export type KeptBoard = z.infer<typeof KEPT_BOARD.schema>;

/** There is one board for each profile and login. */
export const THE_BOARD = 'all';

/** The gateways' word is the newer one also when a read of the ledger came just after it. */
const GATEWAY_LAGS_MS = 30_000;

/** A tenant's live figures as they stood when the gateways were heard last; undefined where the ledger's are the newer ones. */
export function keptLive(
  told: LiveTenant | undefined,
  ledger: LedgerRow,
  heardAt: Date | null,
): LiveTenant | undefined {
  if (told === undefined || heardAt === null) return told;
  return heardAt.getTime() + GATEWAY_LAGS_MS >= ledger.at.getTime() ? { ...told, at: heardAt } : undefined;
}

/** When the newest figures of these rows were told; null: nobody vouches for any. */
export function newestAsOf(rows: Iterable<BoardRow>): Date | null {
  let newest: Date | null = null;
  for (const { asOf } of rows) if (asOf !== null && (newest === null || asOf > newest)) newest = asOf;
  return newest;
}
