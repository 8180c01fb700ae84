import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type {
  AddCapInput,
  Downgrade,
  Quota,
  RemoveCapInput,
  ScopedCap,
  SetDowngradeInput,
  SetModelsInput,
  SetQuotaInput,
} from '../../src-main/contract/limits.ts';

/** The calls on what limits a client besides the caps in its row. */
export interface LimitCalls {
  caps: (tenantId: string, signal: AbortSignal) => Promise<{ caps: ScopedCap[]; asOf: Date }>;
  addCap: (input: AddCapInput) => Promise<{ capId: string }>;
  removeCap: (input: RemoveCapInput) => Promise<{ capId: string }>;
  quotas: (tenantId: string, signal: AbortSignal) => Promise<{ quotas: Quota[]; asOf: Date }>;
  setQuota: (input: SetQuotaInput) => Promise<{ version: number }>;
  downgrades: (tenantId: string, signal: AbortSignal) => Promise<Downgrades>;
  setDowngrade: (input: SetDowngradeInput) => Promise<{ version: number }>;
  models: (tenantId: string, signal: AbortSignal) => Promise<ClientModels>;
  setModels: (input: SetModelsInput) => Promise<{ version: number }>;
}

/** `models`: those that the client may ask for; null: every one that has a price. */
export interface ClientModels {
  models: string[] | null;
  version: number;
  asOf: Date;
}

/** `models`: those that have a price. */
export interface Downgrades {
  downgrades: Downgrade[];
  models: string[];
  asOf: Date;
}

const REFRESH_MS = 5_000;

/** Caps of a client's keys and workflows; like all that limits a client, read again every five seconds while they are shown, and after each change. */
export function scopedCapsQuery(calls: LimitCalls, tenantId: string) {
  return queryOptions({
    queryKey: ['tenants', 'scoped caps', tenantId],
    queryFn: ({ signal }) => calls.caps(tenantId, signal),
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH_MS,
    staleTime: 0,
  });
}

/** What the client may use besides money. */
export function quotasQuery(calls: LimitCalls, tenantId: string) {
  return queryOptions({
    queryKey: ['tenants', 'quotas', tenantId],
    queryFn: ({ signal }) => calls.quotas(tenantId, signal),
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH_MS,
    staleTime: 0,
  });
}

/** Rules by which a cheaper model answers. */
export function downgradesQuery(calls: LimitCalls, tenantId: string) {
  return queryOptions({
    queryKey: ['tenants', 'downgrades', tenantId],
    queryFn: ({ signal }) => calls.downgrades(tenantId, signal),
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH_MS,
    staleTime: 0,
  });
}

/** The models that the client may ask for. */
export function modelsQuery(calls: LimitCalls, tenantId: string) {
  return queryOptions({
    queryKey: ['tenants', 'models', tenantId],
    queryFn: ({ signal }) => calls.models(tenantId, signal),
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH_MS,
    staleTime: 0,
  });
}
