import path from 'node:path';
import { Pool } from 'pg';
import { findRealRedis } from '../../../src-platform/local/redis-package.ts';
import type { Child } from '../../../src-platform/process/child.ts';
import type { PlatformFacts, PlatformTenant } from '../../fixtures/local-platform.ts';
import { descendants } from './process-tree.ts';
import type { Workbench } from './workbench.ts';

/** The monthly cap of a tenant as it is now. Amounts in nano-USD. */
export interface TenantCap {
  readonly id: string;
  readonly version: number;
  readonly limit: bigint;
  /** What was granted to gateways in the running period, spent or not. */
  readonly granted: bigint;
  readonly charged: bigint;
}

export interface BenchPlatform {
  readonly child: Child;
  readonly gatewayUrl: string;
  /** Process of the gateway; its figures are the subject's. */
  readonly gatewayPid: number;
  readonly ownerUrl: string;
  readonly tenants: readonly PlatformTenant[];
  /** Its ready line. */
  readonly facts: PlatformFacts;
  /** As the admin, who sees all. */
  readonly admin: Pool;
  /** Transactions that its database has committed so far; the server's count lags by a second. */
  commits(): Promise<number>;
  capOf(tenantId: string): Promise<TenantCap>;
  /** Sets the monthly cap as the admin would, at whatever version it is. */
  setCap(tenantId: string, limit: bigint): Promise<void>;
  /** Caps and quotas that no load reaches: the gateway counts them all, and refuses nobody. */
  setAmpleLimits(tenantId: string): Promise<void>;
}

const COUNTED_QUOTAS = [
  'requests_per_minute',
  'requests_per_day',
  'tokens_per_minute',
  'tokens_per_day',
  'tokens_per_month',
];
const AMPLE_QUOTA = 1_000_000_000_000;
const AMPLE_CAP = 9_000_000n * 1_000_000_000n;

export interface BenchPlatformOptions {
  readonly tenants: number;
  /** Rows of history over all tenants. */
  readonly history: number;
  /** Another provider than the pretend one: its origin. */
  readonly upstream?: string;
  /** The gateway alone on one core, everything else on the other. Default: the kernel decides. */
  readonly pinned?: boolean;
}

/** The real local platform without demo traffic: PostgreSQL that flushes to disk, Redis, provider, one gateway. */
export async function startPlatform(bench: Workbench, options: BenchPlatformOptions): Promise<BenchPlatform> {
  // The platform takes a real Redis where there is one.
  const redis = await findRealRedis({ env: process.env, say: bench.say });
  if (!redis.found) bench.say(`Redis is js-redis-server: ${redis.reason}`);
  bench.say(`starting a platform with ${options.tenants} tenants and ${options.history} rows of history …`);
  const child = await bench.start({
    name: 'The local platform',
    command: process.execPath,
    args: [
      path.join(bench.projectFolder, 'src-platform/local/platform.ts'),
      '--json',
      '--no-traffic',
      '--data',
      path.join(bench.folder, `platform-of-${options.tenants}`),
      '--tenants',
      String(options.tenants),
      '--history',
      String(options.history),
      ...(options.upstream === undefined ? [] : ['--openai-base-url', `${options.upstream}/v1`]),
    ],
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 20_000,
    ready: /^\{"ready":true/,
    readyTimeoutMs: 900_000,
    env: process.env,
  });
  const facts = JSON.parse(child.readyLine) as PlatformFacts;
  const family = descendants(child.pid);
  const gateway = family.find(({ command }) => command.includes('gateway/main.ts'));
  if (!gateway) throw new Error('The platform has no gateway process.');
  if (options.pinned) {
    for (const { pid } of [...family, child]) bench.pin(pid, pid === gateway.pid ? 'subject' : 'rest');
  }
  const login = facts.operators.find(({ role }) => role === 'td_admin');
  if (!login) throw new Error('The platform has no admin.');
  const admin = new Pool({ connectionString: login.postgres, max: 2 });
  admin.on('error', () => undefined);
  bench.onClose(() => admin.end());
  const capOf = (tenantId: string): Promise<TenantCap> => readCap(admin, tenantId);
  return {
    child,
    gatewayUrl: facts.gateway,
    gatewayPid: gateway.pid,
    ownerUrl: facts.postgres,
    tenants: facts.tenants,
    facts,
    admin,
    async commits() {
      const { rows } = await admin.query<{ commits: string }>(
        'select xact_commit as commits from pg_stat_database where datname = current_database()',
      );
      return Number(rows[0]?.commits);
    },
    capOf,
    async setCap(tenantId, limit) {
      const { id, version } = await capOf(tenantId);
      await admin.query('select platform.set_cap($1, $2, $3, $4, gen_random_uuid(), $5)', [
        tenantId,
        id,
        limit.toString(),
        version,
        'benchmark',
      ]);
    },
    async setAmpleLimits(tenantId) {
      await admin.query(
        `select platform.set_cap(c.tenant_id, c.id, $2, c.version, gen_random_uuid(), 'benchmark')
         from platform.caps c where c.tenant_id = $1 and c.limit_nanousd <> $2`,
        [tenantId, AMPLE_CAP.toString()],
      );
      await admin.query(
        `select platform.set_quota($1, q, 'own', $3, 0, gen_random_uuid(), 'benchmark') from unnest($2::text[]) q`,
        [tenantId, COUNTED_QUOTAS, AMPLE_QUOTA],
      );
    },
  };
}

async function readCap(admin: Pool, tenantId: string): Promise<TenantCap> {
  const { rows } = await admin.query<{
    cap_id: string;
    cap_version: number;
    limit_nanousd: string;
    granted_nanousd: string | null;
    charged_nanousd: string | null;
  }>(
    'select cap_id, cap_version, limit_nanousd, granted_nanousd, charged_nanousd from platform.board where tenant_id = $1',
    [tenantId],
  );
  const [row] = rows;
  if (!row) throw new Error(`Tenant ${tenantId} is not on the board.`);
  return {
    id: row.cap_id,
    version: row.cap_version,
    limit: BigInt(row.limit_nanousd),
    granted: BigInt(row.granted_nanousd ?? 0),
    charged: BigInt(row.charged_nanousd ?? 0),
  };
}
