import type { Cache } from '../infra/cache.ts';
import { createCacheOf, createMemoryRows } from '../infra/cache/kept-rows.ts';
import { createFakeLogger } from './fake-logger.ts';

/** A cache that lasts as long as the test; values are parsed and copied as in the real one. */
export function createFakeCache(): Cache {
  return createCacheOf(createMemoryRows(), createFakeLogger());
}
