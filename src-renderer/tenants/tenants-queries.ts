import { queryOptions } from '@tanstack/react-query';
import type { TenantDetail } from '../../src-main/contract/tenants.ts';

export type FetchTenantDetail = (tenantId: string, signal: AbortSignal) => Promise<TenantDetail>;

const REFRESH_MS = 10_000;

/** What the side panel shows of one client, read again every ten seconds while it is open. */
export function tenantDetailQuery(fetchDetail: FetchTenantDetail, tenantId: string) {
  return queryOptions({
    queryKey: ['tenants', 'detail', tenantId],
    queryFn: ({ signal }) => fetchDetail(tenantId, signal),
    refetchInterval: REFRESH_MS,
    staleTime: 2_000,
  });
}
