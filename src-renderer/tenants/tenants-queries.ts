import { queryOptions } from '@tanstack/react-query';
import type { RefusalExplanation, TenantDetail } from '../../src-main/contract/tenants.ts';

export type FetchTenantDetail = (tenantId: string, signal: AbortSignal) => Promise<TenantDetail>;
export type FetchExplanation = (
  of: { tenantId: string; requestId: string },
  signal: AbortSignal,
) => Promise<RefusalExplanation>;

const REFRESH_MS = 10_000;
/** What would let the call pass moves with every other call. */
const EXPLAINED_MS = 3_000;

/** What the side panel shows of one client, read again every ten seconds while it is open. */
export function tenantDetailQuery(fetchDetail: FetchTenantDetail, tenantId: string) {
  return queryOptions({
    queryKey: ['tenants', 'detail', tenantId],
    queryFn: ({ signal }) => fetchDetail(tenantId, signal),
    refetchInterval: REFRESH_MS,
    staleTime: 2_000,
  });
}

/** One refusal explained; read again while it stands open, and after each change of a cap. */
export function refusalQuery(fetchExplanation: FetchExplanation, tenantId: string, requestId: string) {
  return queryOptions({
    queryKey: ['tenants', 'refusal', tenantId, requestId],
    queryFn: ({ signal }) => fetchExplanation({ tenantId, requestId }, signal),
    refetchInterval: EXPLAINED_MS,
    staleTime: 0,
    gcTime: 0,
  });
}
