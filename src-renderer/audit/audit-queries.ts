import { infiniteQueryOptions } from '@tanstack/react-query';
import type { AuditPage } from '../../src-main/contract/audit.ts';

export interface AuditRequest {
  tenantId?: string | undefined;
  before?: bigint | undefined;
  limit: number;
}

export type FetchAudit = (request: AuditRequest, signal: AbortSignal) => Promise<AuditPage>;

const PAGE = 50;
const REFRESH_MS = 15_000;

/** Entries newest first; read again every 15 s, and at once when a cap changed. */
export function auditQuery(fetchAudit: FetchAudit, tenantId: string | undefined) {
  return infiniteQueryOptions({
    queryKey: ['audit', tenantId ?? 'all'],
    queryFn: ({ pageParam, signal }) => fetchAudit({ tenantId, before: pageParam, limit: PAGE }, signal),
    initialPageParam: undefined as bigint | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    refetchInterval: REFRESH_MS,
  });
}
