import { queryOptions } from '@tanstack/react-query';
import type {
  IssuedKey,
  IssueKeyInput,
  RevokeKeyInput,
  RotatedKey,
  RotateKeyInput,
  TenantKey,
} from '../../src-main/contract/keys.ts';

/** The calls on keys. Answers with a secret are handed to whoever asked and kept nowhere: no query, no mutation. */
export interface KeyCalls {
  list: (tenantId: string, signal: AbortSignal) => Promise<{ keys: TenantKey[]; asOf: Date }>;
  issue: (input: IssueKeyInput) => Promise<IssuedKey>;
  rotate: (input: RotateKeyInput) => Promise<RotatedKey>;
  revoke: (input: RevokeKeyInput) => Promise<{ keyId: string; revokedAt: Date }>;
}

const REFRESH_MS = 5_000;

/** A client's keys; read again every five seconds while they are shown, for their last use. */
export function keysQuery(calls: KeyCalls, tenantId: string) {
  return queryOptions({
    queryKey: ['tenants', 'keys', tenantId],
    queryFn: ({ signal }) => calls.list(tenantId, signal),
    refetchInterval: REFRESH_MS,
    staleTime: 0,
    gcTime: 0,
  });
}
