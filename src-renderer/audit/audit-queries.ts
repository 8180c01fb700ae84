import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { AuditChoices, AuditFilter, AuditPage, AuditPlace } from '../../src-main/contract/audit.ts';

export type AuditRequest = AuditFilter & { before?: AuditPlace | undefined; limit: number };

export type FetchAudit = (request: AuditRequest, signal: AbortSignal) => Promise<AuditPage>;
export type FetchAuditChoices = (signal: AbortSignal) => Promise<AuditChoices>;

const PAGE = 50;
const REFRESH_MS = 15_000;

/** Entries newest first; read again every 15 s, and at once when a cap changed. */
export function auditQuery(fetchAudit: FetchAudit, filter: AuditFilter) {
  return infiniteQueryOptions({
    queryKey: ['audit', filter.chain, filter.login, filter.action, filter.from, filter.to],
    queryFn: ({ pageParam, signal }) => fetchAudit({ ...filter, before: pageParam, limit: PAGE }, signal),
    initialPageParam: undefined as AuditPlace | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    refetchInterval: REFRESH_MS,
  });
}

/** Who and what the filters offer. */
export function auditChoicesQuery(fetchChoices: FetchAuditChoices) {
  return queryOptions({
    queryKey: ['audit-choices'],
    queryFn: ({ signal }) => fetchChoices(signal),
    staleTime: 60_000,
  });
}
