import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { FxRate, MarginDrivers, MarginOutlook, TenantContract } from '../../src-main/contract/margins.ts';

export type FetchDrivers = (of: { tenantId: string; month: string }, signal: AbortSignal) => Promise<MarginDrivers>;
export type FetchContracts = (tenantId: string, signal: AbortSignal) => Promise<{ contracts: TenantContract[] }>;
export type FetchRates = (
  signal: AbortSignal,
) => Promise<{ rates: (FxRate & { currency: string; version: number })[]; today: string }>;

const REFRESH_MS = 5_000;

/** Why one client's margin differs from the month before; read again while the month is running. */
export function driversQuery(fetchDrivers: FetchDrivers, tenantId: string, month: string, running: boolean) {
  return queryOptions({
    queryKey: ['margins', 'drivers', tenantId, month],
    queryFn: ({ signal }) => fetchDrivers({ tenantId, month }, signal),
    refetchInterval: running ? REFRESH_MS : false,
    staleTime: 1_000,
  });
}

export type FetchOutlook = (
  of: { tenantId: string; extraNanoUsd: bigint },
  signal: AbortSignal,
) => Promise<{ outlook: MarginOutlook | null }>;

/** What a client's margin would become with a higher cap. */
export function outlookQuery(fetchOutlook: FetchOutlook, tenantId: string, extraNanoUsd: bigint) {
  return queryOptions({
    queryKey: ['margins', 'outlook', tenantId, extraNanoUsd.toString()],
    queryFn: ({ signal }) => fetchOutlook({ tenantId, extraNanoUsd }, signal),
    refetchInterval: REFRESH_MS * 3,
    staleTime: REFRESH_MS,
    placeholderData: keepPreviousData,
  });
}

export function contractsQuery(fetchContracts: FetchContracts, tenantId: string) {
  return queryOptions({
    queryKey: ['margins', 'contracts', tenantId],
    queryFn: ({ signal }) => fetchContracts(tenantId, signal),
    refetchInterval: REFRESH_MS * 3,
    staleTime: 1_000,
  });
}

export function ratesQuery(fetchRates: FetchRates) {
  return queryOptions({
    queryKey: ['margins', 'rates'],
    queryFn: ({ signal }) => fetchRates(signal),
    staleTime: 1_000,
  });
}
