import type { KeyObject } from 'node:crypto';
import type { Pool } from 'pg';
import { createPriceBook, type PriceBook } from '../pricing/price-book.ts';
import { openCredential } from './credential-box.ts';
import { NO_QUOTAS } from '../quotas/quota.ts';
import { selectQuotas } from '../quotas/quota-queries.ts';
import { readModelPermission } from './model-permission.ts';
import type { KeySecret, Policy, ProviderPolicy, TenantPolicy } from './policy.ts';
import {
  selectCaps,
  selectDowngrades,
  selectPrices,
  selectProviders,
  selectSecrets,
  selectTenants,
  selectWorkflows,
} from './policy-queries.ts';

/** The policy in memory, and the reads that renew parts of it. A read that fails leaves what was there. */
export interface PolicyCache extends Policy {
  loadTenants(tenantIds: readonly string[] | null): Promise<void>;
  loadPrices(): Promise<void>;
  loadProviders(): Promise<void>;
}

export function createPolicyCache(
  pool: Pool,
  credentialKey: KeyObject,
  on: { readonly onCredential: (credential: string) => void; readonly onBadProvider: (id: string) => void },
): PolicyCache {
  const tenants = new Map<string, TenantPolicy>();
  const secrets = new Map<string, KeySecret>();
  let digestsOf = new Map<string, string[]>();
  let prices: PriceBook = createPriceBook([]);
  let providers: ReadonlyMap<string, ProviderPolicy> = new Map();

  async function loadTenants(tenantIds: readonly string[] | null): Promise<void> {
    const [rows, workflows, caps, keys, quotas, downgrades] = await Promise.all([
      selectTenants(pool, tenantIds),
      selectWorkflows(pool, tenantIds),
      selectCaps(pool, tenantIds),
      selectSecrets(pool, tenantIds),
      selectQuotas(pool, tenantIds),
      selectDowngrades(pool, tenantIds),
    ]);
    if (tenantIds === null) {
      tenants.clear();
      secrets.clear();
      digestsOf = new Map();
    } else {
      for (const id of tenantIds) {
        tenants.delete(id);
        for (const digest of digestsOf.get(id) ?? []) secrets.delete(digest);
        digestsOf.delete(id);
      }
    }
    const workflowsOf = Map.groupBy(workflows, ({ tenant_id }) => tenant_id);
    const capsOf = Map.groupBy(caps, ({ tenantId }) => tenantId);
    const downgradesOf = Map.groupBy(downgrades, ({ tenantId }) => tenantId);
    for (const row of rows) {
      tenants.set(row.id, {
        id: row.id,
        slug: row.slug,
        name: row.name,
        status: row.status,
        timeZone: row.time_zone,
        maxTokensPerMessage: quotas.get(row.id)?.maxTokensPerMessage ?? row.max_tokens_per_message,
        trimsLastCall: row.trims_last_call,
        workflowsBySlug: new Map((workflowsOf.get(row.id) ?? []).map(({ slug, id }) => [slug, id])),
        caps: capsOf.get(row.id) ?? [],
        quotas: quotas.get(row.id)?.policy ?? NO_QUOTAS,
        models: readModelPermission(row.models),
        downgrades: new Map((downgradesOf.get(row.id) ?? []).map(({ model, ...rule }) => [model, rule])),
      });
    }
    for (const { digest, ...secret } of keys) {
      secrets.set(digest, secret);
      digestsOf.set(secret.tenantId, [...(digestsOf.get(secret.tenantId) ?? []), digest]);
    }
  }

  async function loadProviders(): Promise<void> {
    const loaded = new Map<string, ProviderPolicy>();
    for (const { id, base_url: baseUrl, credential_ciphertext: sealed, speaks } of await selectProviders(pool)) {
      try {
        const credential = openCredential(credentialKey, sealed);
        on.onCredential(credential);
        loaded.set(id, { id, baseUrl, credential, speaks });
      } catch {
        on.onBadProvider(id);
      }
    }
    providers = loaded;
  }

  return {
    tenant: (id) => tenants.get(id),
    tenants: () => tenants.values(),
    secret: (digest) => secrets.get(digest),
    get prices() {
      return prices;
    },
    get providers() {
      return providers;
    },
    loadTenants,
    loadPrices: async () => {
      prices = createPriceBook(await selectPrices(pool));
    },
    loadProviders,
  };
}
