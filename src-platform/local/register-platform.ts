/** Enters what a local platform consists of into its database, as the owner. Every statement can be run again: it finds what is there. */
import type { Client } from 'pg';
import { digestOf, type LocalCredentials } from './credentials-file.ts';
import type { DemoTenant } from './demo/demo-tenant.ts';
import type { LocalOperator } from './local-operators.ts';
import { encryptProviderCredential } from './provider-credential.ts';
import { stableId } from './stable-id.ts';

/** Where calls of a provider's models go. */
export interface LocalProvider {
  readonly id: string;
  readonly baseUrl: string;
  readonly credential: string;
}

/** Ids of a demo tenant and its parts: the same in every data folder. */
export const tenantId = (slug: string): string => stableId('tenant', slug);
export const workflowId = (tenantSlug: string, slug: string): string => stableId('workflow', tenantSlug, slug);
export const keyId = (tenantSlug: string): string => stableId('key', tenantSlug);

export async function registerProviders(
  owner: Client,
  providers: readonly LocalProvider[],
  credentialKey: string,
): Promise<void> {
  for (const { id, baseUrl, credential } of providers) {
    await owner.query(
      `insert into platform.providers (id, base_url, credential_ciphertext) values ($1, $2, $3)
       on conflict (id) do update set base_url = excluded.base_url, credential_ciphertext = excluded.credential_ciphertext`,
      [id, baseUrl, encryptProviderCredential(credential, credentialKey)],
    );
  }
  await owner.query(`select platform.announce('providers', null)`);
}

/** Tenants with their workflows and their key; no caps: those follow from what the history spent. */
export async function registerTenants(
  owner: Client,
  tenants: readonly DemoTenant[],
  credentials: LocalCredentials,
): Promise<void> {
  const rows = tenants.map((tenant) => ({
    id: tenantId(tenant.slug),
    slug: tenant.slug,
    name: tenant.name,
    plan_id: tenant.plan,
    currency: tenant.currency,
    time_zone: tenant.timeZone,
    began_days_ago: tenant.periodBeganDaysAgo ?? null,
  }));
  await owner.query(
    `insert into platform.tenants (id, slug, name, plan_id, currency, time_zone, anchor_day, created_at)
     select id, slug, name, plan_id, currency, time_zone,
       case when began_days_ago is null then 1
            else least(28, extract(day from timezone(time_zone, now()) - make_interval(days => began_days_ago))) end,
       now() - interval '400 days'
     from jsonb_to_recordset($1::jsonb)
       as tenant (id uuid, slug text, name text, plan_id text, currency text, time_zone text, began_days_ago int)
     on conflict (id) do nothing`,
    [JSON.stringify(rows)],
  );
  await registerWorkflows(owner, tenants);
  await registerKeys(owner, tenants, credentials);
  await owner.query(`select platform.announce('tenants', null), platform.announce('keys', null)`);
}

async function registerWorkflows(owner: Client, tenants: readonly DemoTenant[]): Promise<void> {
  const rows = tenants.flatMap((tenant) =>
    tenant.workflows.map(({ slug, name }) => ({
      tenant_id: tenantId(tenant.slug),
      id: workflowId(tenant.slug, slug),
      slug,
      name,
    })),
  );
  await owner.query(
    `insert into platform.workflows (tenant_id, id, slug, name, created_at)
     select tenant_id, id, slug, name, now() - interval '400 days'
     from jsonb_to_recordset($1::jsonb) as workflow (tenant_id uuid, id uuid, slug text, name text)
     on conflict (tenant_id, id) do nothing`,
    [JSON.stringify(rows)],
  );
}

async function registerKeys(
  owner: Client,
  tenants: readonly DemoTenant[],
  credentials: LocalCredentials,
): Promise<void> {
  const rows = tenants.map((tenant) => {
    const key = tenantKey(credentials, tenant.slug);
    const first = tenant.workflows[0];
    return {
      tenant_id: tenantId(tenant.slug),
      id: keyId(tenant.slug),
      prefix: key.slice(0, 7),
      last4: key.slice(-4),
      default_workflow_id: first ? workflowId(tenant.slug, first.slug) : null,
      digest: digestOf(key).toString('hex'),
    };
  });
  await owner.query(
    `with wanted as (
       select * from jsonb_to_recordset($1::jsonb)
         as key (tenant_id uuid, id uuid, prefix text, last4 text, default_workflow_id uuid, digest text)
     ), kept as (
       insert into platform.api_keys (tenant_id, id, name, prefix, last4, default_workflow_id)
       select tenant_id, id, 'Production', prefix, last4, default_workflow_id from wanted
       on conflict (tenant_id, id) do update set prefix = excluded.prefix, last4 = excluded.last4
       returning tenant_id, id
     )
     insert into platform.api_key_secrets (tenant_id, digest, key_id)
     select wanted.tenant_id, decode(wanted.digest, 'hex'), wanted.id from wanted join kept using (tenant_id, id)
     on conflict (tenant_id, digest) do nothing`,
    [JSON.stringify(rows)],
  );
}

/** Operators, their assignments, and the digests of their tokens for the gateways' admin side. */
export async function registerOperators(
  owner: Client,
  operators: readonly LocalOperator[],
  credentials: LocalCredentials,
): Promise<void> {
  for (const operator of operators) {
    const id = stableId('operator', operator.login);
    await owner.query(
      `insert into platform.operators (id, login, name, role, raise_limit_nanousd, all_tenants)
       values ($1, $2, $3, $4, $5, $6) on conflict (id) do nothing`,
      [id, operator.login, operator.name, operator.role, operator.raiseLimitNanoUsd, operator.tenants === undefined],
    );
    await owner.query(
      `insert into platform.operator_tenants (tenant_id, operator_id)
       select id, $2 from platform.tenants where slug = any ($1::text[]) on conflict do nothing`,
      [operator.tenants ?? [], id],
    );
    await owner.query(
      `insert into platform.operator_tokens (digest, operator_id, expires_at) values ($1, $2, now() + interval '1 year')
       on conflict (digest) do update set expires_at = excluded.expires_at`,
      [digestOf(operatorSecrets(credentials, operator.login).gatewayToken), id],
    );
  }
  await owner.query(`select platform.announce('operators', null)`);
}

/** The key of a demo tenant; it was made when the credentials were read. */
export function tenantKey(credentials: LocalCredentials, slug: string): string {
  const key = credentials.tenantKeys[slug];
  if (key === undefined) throw new Error(`No key was made for the tenant ${slug}.`);
  return key;
}

/** Password and token of an operator; they were made when the credentials were read. */
export function operatorSecrets(credentials: LocalCredentials, login: string): LocalCredentials['operators'][string] {
  const secrets = credentials.operators[login];
  if (secrets === undefined) throw new Error(`No password was made for the operator ${login}.`);
  return secrets;
}
