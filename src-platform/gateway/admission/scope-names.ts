import type { CapPolicy, TenantPolicy } from '../policy/policy.ts';

/** What a cap of a key or a workflow is of, as a tenant knows it; nothing for one of the whole tenant. */
export function scopeNames(
  tenant: TenantPolicy,
  cap: Pick<CapPolicy, 'keyId' | 'workflowId'> | undefined,
): { readonly key_id?: string; readonly workflow?: string } {
  if (cap === undefined) return {};
  if (cap.keyId !== null) return { key_id: cap.keyId };
  for (const [slug, id] of tenant.workflowsBySlug) if (id === cap.workflowId) return { workflow: slug };
  return {};
}
