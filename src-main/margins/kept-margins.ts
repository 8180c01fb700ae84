/** Margins as they are kept for the time without a platform: the picture of thirteen months, and what was looked at beside it. */
import { z } from 'zod';
import { marginDrivers } from '../contract/margins.ts';
import type { CacheKind } from '../infra/cache.ts';
import { monthRecord, runningRecord } from './margin-records.ts';

/** The running month moves, the twelve before hardly do: each is written when it was read. */
export const KEPT_RUNNING = {
  name: 'margins-running',
  schema: z.array(runningRecord).readonly(),
} satisfies CacheKind<unknown>;
export const KEPT_MONTHS = {
  name: 'margins-months',
  schema: z.array(monthRecord).readonly(),
} satisfies CacheKind<unknown>;

/** By tenant and month. */
export const KEPT_DRIVERS = { name: 'margin-drivers', schema: marginDrivers } satisfies CacheKind<unknown>;

/** There is one picture for each profile and login. */
export const THE_FLEET = 'all';
