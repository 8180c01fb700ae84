import { keepPreviousData, queryOptions, type UseQueryResult } from '@tanstack/react-query';
import type { BoardRow } from '../../src-main/contract/board.ts';
import type { RefusalExplanation, TenantChoices, TenantDetail } from '../../src-main/contract/tenants.ts';

export type FetchTenantDetail = (tenantId: string, signal: AbortSignal) => Promise<TenantDetail>;
export type FetchExplanation = (
  of: { tenantId: string; requestId: string },
  signal: AbortSignal,
) => Promise<RefusalExplanation>;
export type TenantDetailQuery = UseQueryResult<TenantDetail>;
export type FetchChoices = (signal: AbortSignal) => Promise<TenantChoices>;

const REFRESH_MS = 10_000;
/** What would let the call pass moves with every other call. */
const EXPLAINED_MS = 3_000;

/** What the side panel shows of one client, read again every ten seconds while it is open, and when its status is another. */
export function tenantDetailQuery(
  fetchDetail: FetchTenantDetail,
  { tenantId, status }: Pick<BoardRow, 'tenantId' | 'status'>,
) {
  return queryOptions({
    queryKey: ['tenants', 'detail', tenantId, status],
    queryFn: ({ signal }) => fetchDetail(tenantId, signal),
    placeholderData: keepPreviousData,
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

/** What a new client can be made of; the same for as long as the console runs. */
export function choicesQuery(fetchChoices: FetchChoices) {
  return queryOptions({
    queryKey: ['choices'],
    queryFn: ({ signal }) => fetchChoices(signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
}
