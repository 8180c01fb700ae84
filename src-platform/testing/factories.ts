import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { databaseUrl } from './test-cluster.ts';
import type { TestDatabase } from './test-database.ts';

/** What a factory needs of a test database. */
type Target = Pick<TestDatabase, 'owner'>;

export interface MadeTenant {
  readonly id: string;
  readonly slug: string;
  readonly timeZone: string;
}

export async function makeTenant(
  db: Target,
  tenant: {
    id?: string;
    slug?: string;
    name?: string;
    planId?: 'free' | 'pro' | 'enterprise';
    status?: 'active' | 'suspended' | 'archived';
    currency?: string;
    timeZone?: string;
    anchorDay?: number;
    trimsLastCall?: boolean;
  } = {},
): Promise<MadeTenant> {
  const id = tenant.id ?? randomUUID();
  const slug = tenant.slug ?? `tenant-${id.slice(0, 8)}`;
  const timeZone = tenant.timeZone ?? 'Asia/Kolkata';
  await db.owner.query(
    `insert into platform.tenants (id, slug, name, status, plan_id, currency, time_zone, anchor_day, trims_last_call)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      id,
      slug,
      tenant.name ?? `Tenant ${slug}`,
      tenant.status ?? 'active',
      tenant.planId ?? 'pro',
      tenant.currency ?? 'INR',
      timeZone,
      tenant.anchorDay ?? 1,
      tenant.trimsLastCall ?? true,
    ],
  );
  await announce(db, 'tenants', id);
  return { id, slug, timeZone };
}

export async function makeWorkflow(db: Target, tenantId: string, slug = 'support'): Promise<string> {
  const id = randomUUID();
  await db.owner.query('insert into platform.workflows (tenant_id, id, slug, name) values ($1, $2, $3, $4)', [
    tenantId,
    id,
    slug,
    `Workflow ${slug}`,
  ]);
  await announce(db, 'tenants', tenantId);
  return id;
}

/** @returns the key's stable id and its plain text, as a tenant gets it. */
export async function makeKey(
  db: Target,
  tenantId: string,
  key: { name?: string; defaultWorkflowId?: string; revokedAt?: Date; validUntil?: Date } = {},
): Promise<{ id: string; key: string }> {
  const id = randomUUID();
  const text = `td_${randomBytes(32).toString('base64url')}`;
  await db.owner.query(
    `insert into platform.api_keys (tenant_id, id, name, prefix, last4, default_workflow_id, revoked_at)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      tenantId,
      id,
      key.name ?? 'test key',
      text.slice(0, 7),
      text.slice(-4),
      key.defaultWorkflowId ?? null,
      key.revokedAt ?? null,
    ],
  );
  await db.owner.query(
    `insert into platform.api_key_secrets (tenant_id, digest, key_id, valid_until) values ($1, $2, $3, $4)`,
    [tenantId, sha256(text), id, key.validUntil ?? null],
  );
  await announce(db, 'keys', tenantId);
  return { id, key: text };
}

/** @returns the cap's id. Scope key or workflow: give its id. */
export async function makeCap(
  db: Target,
  tenantId: string,
  cap: { limitNanoUsd: bigint; period?: 'month' | 'day'; keyId?: string; workflowId?: string; hard?: boolean },
): Promise<string> {
  const id = randomUUID();
  let scope = 'tenant';
  if (cap.keyId !== undefined) scope = 'key';
  else if (cap.workflowId !== undefined) scope = 'workflow';
  await db.owner.query(
    `insert into platform.caps (tenant_id, id, scope, key_id, workflow_id, period, limit_nanousd, hard)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      tenantId,
      id,
      scope,
      cap.keyId ?? null,
      cap.workflowId ?? null,
      cap.period ?? 'month',
      cap.limitNanoUsd,
      cap.hard ?? true,
    ],
  );
  await announce(db, 'caps', tenantId);
  return id;
}

/** A quota of the tenant's own; null: no limit. Again: another one. */
export async function makeQuota(db: Target, tenantId: string, quota: string, limit: number | null): Promise<void> {
  await db.owner.query(
    `insert into platform.tenant_quotas (tenant_id, quota, follows, limit_count, updated_at) values ($1, $2, 'own', $3, now())
     on conflict (tenant_id, quota) do update set limit_count = excluded.limit_count`,
    [tenantId, quota, limit],
  );
  await announce(db, 'tenants', tenantId);
}

export type OperatorRole = 'viewer' | 'account_manager' | 'operator' | 'admin' | 'auditor';

export interface MadeOperator {
  readonly id: string;
  readonly login: string;
  readonly role: OperatorRole;
  /** Address of the database with this operator's own login. */
  readonly url: string;
  /** For the gateways' admin side. */
  readonly gatewayToken: string;
}

/** Makes an operator with a login of their own. `tenantIds`: sees only these (always so for account managers). */
export async function makeOperator(
  db: Pick<TestDatabase, 'owner' | 'superuserUrl'>,
  operator: { role: OperatorRole; raiseLimitNanoUsd?: bigint | null; tenantIds?: readonly string[]; name?: string },
): Promise<MadeOperator> {
  const { role } = operator;
  const id = randomUUID();
  const login = `test_${role}_${id.slice(0, 8)}`;
  const password = randomBytes(18).toString('base64url');
  const superuser = new Client({ connectionString: db.superuserUrl });
  await superuser.connect();
  try {
    await superuser.query(`create role ${login} login in role td_${role} password '${password}'`);
  } finally {
    await superuser.end();
  }
  const allTenants = operator.tenantIds === undefined && role !== 'account_manager';
  const raiseLimit = operator.raiseLimitNanoUsd ?? (role === 'operator' ? 100_000_000_000n : null);
  await db.owner.query(
    `insert into platform.operators (id, login, name, role, raise_limit_nanousd, all_tenants) values ($1, $2, $3, $4, $5, $6)`,
    [id, login, operator.name ?? `The ${role}`, role, raiseLimit, allTenants],
  );
  for (const tenantId of operator.tenantIds ?? []) {
    await db.owner.query('insert into platform.operator_tenants (tenant_id, operator_id) values ($1, $2)', [
      tenantId,
      id,
    ]);
  }
  const gatewayToken = `tdo_${randomBytes(32).toString('base64url')}`;
  await db.owner.query(
    `insert into platform.operator_tokens (digest, operator_id, expires_at) values ($1, $2, now() + interval '1 day')`,
    [sha256(gatewayToken), id],
  );
  await announce(db, 'operators', null);
  return { id, login, role, url: databaseUrl(db.superuserUrl, { login, password }), gatewayToken };
}

/** Rates in nano-USD for a million tokens; default: 2.50 USD in, 1.25 cached, 10.00 out. */
export async function makePrice(
  db: Target,
  price: {
    provider?: string;
    model?: string;
    inputNanoUsdPerMtok?: bigint;
    cachedInputNanoUsdPerMtok?: bigint;
    cacheWriteNanoUsdPerMtok?: bigint;
    outputNanoUsdPerMtok?: bigint;
    reasoningNanoUsdPerMtok?: bigint;
    maxOutputTokens?: number;
  } = {},
): Promise<{ provider: string; model: string; priceVersion: number }> {
  const provider = price.provider ?? 'openai';
  const model = price.model ?? 'gpt-4o';
  const input = price.inputNanoUsdPerMtok ?? 2_500_000_000n;
  const output = price.outputNanoUsdPerMtok ?? 10_000_000_000n;
  await db.owner.query(
    `insert into platform.model_prices (provider, model, price_version, valid_from, input_nanousd_per_mtok,
       cached_input_nanousd_per_mtok, cache_write_nanousd_per_mtok, output_nanousd_per_mtok, reasoning_nanousd_per_mtok,
       max_output_tokens)
     values ($1, $2, 1, '2020-01-01', $3, $4, $5, $6, $7, $8)`,
    [
      provider,
      model,
      input,
      price.cachedInputNanoUsdPerMtok ?? input / 2n,
      price.cacheWriteNanoUsdPerMtok ?? input,
      output,
      price.reasoningNanoUsdPerMtok ?? output,
      price.maxOutputTokens ?? 16_384,
    ],
  );
  await announce(db, 'prices', null);
  return { provider, model, priceVersion: 1 };
}

/** A gateway that has started. @returns its id. */
export async function makeGateway(db: Target): Promise<string> {
  const id = randomUUID();
  await db.owner.query(
    `insert into platform.gateways (id, name, version, address, started_at, heartbeat_at)
     values ($1, 'test', '0', 'http://127.0.0.1', now(), now())`,
    [id],
  );
  return id;
}

/** Tells listeners, as every writing function of the platform does. */
async function announce(db: Target, topic: string, tenantId: string | null): Promise<void> {
  await db.owner.query('select platform.announce($1, $2)', [topic, tenantId]);
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();
