import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { CapOverride } from '../../src-main/contract/caps.ts';
import type { CapTarget } from './cap-target.ts';

export type FetchOverrides = (
  cap: { tenantId: string; capId: string },
  signal: AbortSignal,
) => Promise<{ overrides: CapOverride[] }>;

const REFRESH_MS = 10_000;

/** The temporary raises of a cap; read again with each version of it and when their sum changed (one ended). */
export function overridesQuery(fetchOverrides: FetchOverrides, target: CapTarget) {
  const { tenantId, capId, version, overrideNanoUsd } = target;
  return queryOptions({
    queryKey: ['tenants', 'overrides', tenantId, capId, version, overrideNanoUsd.toString()],
    queryFn: ({ signal }) => fetchOverrides({ tenantId, capId }, signal),
    refetchInterval: REFRESH_MS,
    staleTime: 2_000,
    placeholderData: keepPreviousData,
  });
}
