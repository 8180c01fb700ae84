import { queryOptions } from '@tanstack/react-query';
import type { UnpricedModels } from '../../src-main/contract/prices.ts';

export type FetchUnpriced = (signal: AbortSignal) => Promise<UnpricedModels>;

const REFRESH_MS = 10_000;

/** Models without a price; nobody announces them, so they are read again every ten seconds. */
export function unpricedQuery(fetchUnpriced: FetchUnpriced) {
  return queryOptions({
    queryKey: ['prices', 'unpriced'],
    queryFn: ({ signal }) => fetchUnpriced(signal),
    refetchInterval: REFRESH_MS,
  });
}
