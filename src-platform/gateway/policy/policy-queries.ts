import type { Pool } from 'pg';
import type { Dialect } from '../calls/wire-format.ts';
import type { Price } from '../pricing/price.ts';
import type { CapPolicy, Downgrade, KeySecret } from './policy.ts';

/** Reads for the policy cache, a function a statement. `tenantIds` null: all tenants. */

export interface TenantRow {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly status: 'active' | 'suspended' | 'archived';
  readonly time_zone: string;
  readonly max_tokens_per_message: number;
  readonly trims_last_call: boolean;
  /** Null: all. */
  readonly models: readonly string[] | null;
}

export interface WorkflowRow {
  readonly tenant_id: string;
  readonly id: string;
  readonly slug: string;
}

export type CapRow = CapPolicy & { readonly tenantId: string };
export type SecretRow = KeySecret & { readonly digest: string };
type TenantIds = readonly string[] | null;

export async function selectTenants(pool: Pool, tenantIds: TenantIds): Promise<TenantRow[]> {
  const { rows } = await pool.query<TenantRow>(
    `select t.id, t.slug, t.name, t.status, t.time_zone, t.trims_last_call, p.max_tokens_per_message, m.models
     from platform.tenants t join platform.plans p on p.id = t.plan_id left join platform.tenant_models m on m.tenant_id = t.id
     where $1::uuid[] is null or t.id = any($1)`,
    [tenantIds],
  );
  return rows;
}

export async function selectWorkflows(pool: Pool, tenantIds: TenantIds): Promise<WorkflowRow[]> {
  const { rows } = await pool.query<WorkflowRow>(
    'select tenant_id, id, slug from platform.workflows where $1::uuid[] is null or tenant_id = any($1)',
    [tenantIds],
  );
  return rows;
}

export async function selectCaps(pool: Pool, tenantIds: TenantIds): Promise<CapRow[]> {
  interface Row extends Omit<CapRow, 'limit' | 'inForce' | 'inForceUntil'> {
    readonly limit: string;
    readonly inForce: string;
    readonly inForceUntil: Date | null;
  }
  const { rows } = await pool.query<Row>(
    `select c.tenant_id as "tenantId", c.id, c.scope, c.key_id as "keyId", c.workflow_id as "workflowId", c.period, c.hard,
            c.limit_nanousd as "limit", f.limit_nanousd as "inForce", f.next_end as "inForceUntil"
     from platform.caps c cross join lateral platform.limit_in_force(c.tenant_id, c.id, now()) f
     where c.removed_at is null and ($1::uuid[] is null or c.tenant_id = any($1)) order by c.id`,
    [tenantIds],
  );
  return rows.map((row) =>
    Object.assign({}, row, {
      limit: BigInt(row.limit),
      inForce: BigInt(row.inForce),
      inForceUntil: row.inForceUntil?.getTime() ?? null,
    }),
  );
}

export async function selectDowngrades(
  pool: Pool,
  tenantIds: TenantIds,
): Promise<(Downgrade & { readonly tenantId: string; readonly model: string })[]> {
  const { rows } = await pool.query<Downgrade & { readonly tenantId: string; readonly model: string }>(
    `select tenant_id as "tenantId", model, to_model as "toModel", above_percent as "abovePercent"
     from platform.model_downgrades where active and ($1::uuid[] is null or tenant_id = any($1))`,
    [tenantIds],
  );
  return rows;
}

export async function selectSecrets(pool: Pool, tenantIds: TenantIds): Promise<SecretRow[]> {
  const { rows } = await pool.query<{
    readonly digest: string;
    readonly tenant_id: string;
    readonly key_id: string;
    readonly default_workflow_id: string | null;
    readonly revoked_at: Date | null;
    readonly valid_from: Date;
    readonly valid_until: Date | null;
  }>(
    `select encode(s.digest, 'hex') as digest, s.tenant_id, s.key_id, k.default_workflow_id, k.revoked_at,
            s.valid_from, s.valid_until
     from platform.api_key_secrets s join platform.api_keys k on k.tenant_id = s.tenant_id and k.id = s.key_id
     where $1::uuid[] is null or s.tenant_id = any($1)`,
    [tenantIds],
  );
  return rows.map((row) => ({
    digest: row.digest,
    tenantId: row.tenant_id,
    keyId: row.key_id,
    defaultWorkflowId: row.default_workflow_id,
    revokedAt: row.revoked_at?.getTime() ?? null,
    validFrom: row.valid_from.getTime(),
    validUntil: row.valid_until?.getTime() ?? null,
  }));
}

/** The row in force for each model: latest `valid_from` that has passed, then the highest version. */
export async function selectPrices(pool: Pool): Promise<Price[]> {
  const { rows } = await pool.query<Record<string, string | number | null>>(
    `select distinct on (provider, model) provider, model, price_version, input_nanousd_per_mtok as input,
            cached_input_nanousd_per_mtok as cached_input, cache_write_nanousd_per_mtok as cache_write,
            cache_write_1h_nanousd_per_mtok as hour_write, output_nanousd_per_mtok as output,
            reasoning_nanousd_per_mtok as reasoning, long_context_tokens, long_context_input_nanousd_per_mtok as long_input,
            long_context_cached_input_nanousd_per_mtok as long_cached, long_context_cache_write_nanousd_per_mtok as long_write,
            long_context_cache_write_1h_nanousd_per_mtok as long_hour_write,
            long_context_output_nanousd_per_mtok as long_output, batch_input_nanousd_per_mtok as batch_input,
            batch_output_nanousd_per_mtok as batch_output, max_output_tokens
     from platform.model_prices where valid_from <= now()
     order by provider, model, valid_from desc, price_version desc`,
  );
  return rows.map((row) => {
    const input = rate(row['input'] ?? 0);
    const cachedInput = rate(row['cached_input'] ?? input);
    const cacheWrite = rate(row['cache_write'] ?? input);
    const hourCacheWrite = rateOrNull(row['hour_write']);
    const output = rate(row['output'] ?? 0);
    return {
      provider: String(row['provider']),
      model: String(row['model']),
      version: Number(row['price_version']),
      input,
      cachedInput,
      cacheWrite,
      hourCacheWrite,
      output,
      reasoning: rate(row['reasoning'] ?? output),
      longContextTokens: numberOrNull(row['long_context_tokens']),
      longContextInput: rate(row['long_input'] ?? input),
      // A border without rates of its own for the cache leaves those as they are below it.
      longContextCachedInput: rate(row['long_cached'] ?? cachedInput),
      longContextCacheWrite: rate(row['long_write'] ?? cacheWrite),
      longContextHourCacheWrite: rateOrNull(row['long_hour_write']) ?? hourCacheWrite,
      longContextOutput: rate(row['long_output'] ?? output),
      batchInput: rateOrNull(row['batch_input']),
      batchOutput: rateOrNull(row['batch_output']),
      maxOutputTokens: numberOrNull(row['max_output_tokens']),
    };
  });
}

export interface ProviderRow {
  readonly id: string;
  readonly base_url: string;
  readonly credential_ciphertext: Buffer;
  /** Null: every wire format may be tried. */
  readonly speaks: readonly Dialect[] | null;
}

export async function selectProviders(pool: Pool): Promise<ProviderRow[]> {
  const { rows } = await pool.query<ProviderRow>(
    'select id, base_url, credential_ciphertext, speaks from platform.providers where disabled_at is null order by rank, id',
  );
  return rows;
}

/** Version of each topic, for listeners that missed an announcement. */
export async function selectVersions(pool: Pool): Promise<Map<string, number>> {
  const { rows } = await pool.query<{ topic: string; version: string }>('select topic, version from platform.versions');
  return new Map(rows.map(({ topic, version }) => [topic, Number(version)]));
}

function numberOrNull(value: string | number | null | undefined): number | null {
  return value === null || value === undefined ? null : Number(value);
}

function rate(value: string | number | bigint): bigint {
  return BigInt(value);
}

function rateOrNull(value: string | number | null | undefined): bigint | null {
  return value === null || value === undefined ? null : BigInt(value);
}
