import type { Client } from 'pg';
import type { LocalCredentials } from './credentials-file.ts';
import type { DemoTenant } from './demo/demo-tenant.ts';
import type { LocalOperator } from './local-operators.ts';
import { databaseUrl } from './prepare-database.ts';
import { operatorSecrets, tenantId, tenantKey } from './register-platform.ts';

/** What the local platform says of itself when it is ready: the JSON line of `--json`. Holds secrets. */
export interface PlatformDescription {
  readonly ready: true;
  readonly gateway: string;
  /** The owner's address: may do all but go round row security. */
  readonly postgres: string;
  readonly redis: string;
  /** The data folder; the pretend provider's bill is `provider/bill.jsonl` in it. */
  readonly data: string;
  readonly operators: readonly {
    readonly login: string;
    readonly role: string;
    readonly postgres: string;
    readonly gatewayToken: string;
  }[];
  readonly tenants: readonly {
    readonly id: string;
    readonly slug: string;
    readonly name: string;
    readonly timeZone: string;
    readonly apiKey: string;
    /** Decimal USD, at least two decimals. */
    readonly monthlyCapUsd: string;
  }[];
}

interface Described {
  readonly folder: string;
  readonly gateway: string;
  readonly postgresPort: number;
  readonly ownerUrl: string;
  readonly redisUrl: string;
  readonly operators: readonly LocalOperator[];
  readonly tenants: readonly DemoTenant[];
  readonly credentials: LocalCredentials;
}

export async function describePlatform(owner: Client, platform: Described): Promise<PlatformDescription> {
  const { credentials, postgresPort, operators, tenants } = platform;
  const caps = await owner.query<{ tenant_id: string; limit_nanousd: string }>(
    `select tenant_id, limit_nanousd from platform.caps where scope = 'tenant' and period = 'month'`,
  );
  const capOf = new Map(caps.rows.map((row) => [row.tenant_id, BigInt(row.limit_nanousd)]));
  return {
    ready: true,
    gateway: platform.gateway,
    postgres: platform.ownerUrl,
    redis: platform.redisUrl,
    data: platform.folder,
    operators: operators.map(({ login, role }) => {
      const { password, gatewayToken } = operatorSecrets(credentials, login);
      return { login, role: `td_${role}`, postgres: databaseUrl(postgresPort, login, password), gatewayToken };
    }),
    tenants: tenants.map(({ slug, name, timeZone }) => ({
      id: tenantId(slug),
      slug,
      name,
      timeZone,
      apiKey: tenantKey(credentials, slug),
      monthlyCapUsd: decimalUsd(capOf.get(tenantId(slug)) ?? 0n),
    })),
  };
}

const NANO = 1_000_000_000n;

/** 25000000000 → "25.00"; more decimals only where they are needed. */
export function decimalUsd(nanoUsd: bigint): string {
  const digits = (nanoUsd % NANO).toString().padStart(9, '0');
  return `${nanoUsd / NANO}.${digits.slice(0, 2)}${digits.slice(2).replace(/0+$/, '')}`;
}
