import type { BenchmarkResult } from './figure.ts';
import { startNginxProxy, startNginxUpstream } from './nginx.ts';
import { startPlatform, type BenchPlatform } from './platform.ts';
import { startPortkey } from './portkey.ts';
import type { Workbench } from './workbench.ts';

/** One way from the caller to the provider. */
export interface Contender {
  readonly url: string;
  readonly headers: readonly Readonly<Record<string, string>>[];
  /** The process between caller and provider; absent: none. */
  readonly pid?: number;
}

export interface Contenders {
  readonly direct: Contender;
  readonly bare: Contender;
  readonly gateway: Contender;
  readonly nginx?: Contender;
  readonly portkey?: Contender;
  readonly platform: BenchPlatform;
  /** What answers as the provider. */
  readonly upstream: 'nginx' | 'node';
  readonly missing: BenchmarkResult['missing'];
}

export interface ContendersOptions {
  /** With a provider that streams. */
  readonly stream?: boolean;
}

const TENANTS = 50;
const JSON_HEADERS = { 'content-type': 'application/json' };

/**
 * Everybody at once, on the same provider: nothing between, a bare proxy, nginx, Portkey's gateway, and ours with all that it
 * does: keys, caps, quotas, metering, the journal and the ledger in PostgreSQL.
 */
export async function startContenders(bench: Workbench, options: ContendersOptions = {}): Promise<Contenders> {
  const missing: string[] = [];
  const { stream } = options;
  const fixed = stream ? undefined : await startNginxUpstream(bench);
  const { port } = fixed ?? (await bench.startNode('fake-upstream.ts', { core: 'rest' }));
  const origin = `http://127.0.0.1:${port}`;
  const bare = await bench.startNode('bare-proxy.ts', { core: 'subject', args: [origin] });
  const platform = await startPlatform(bench, { tenants: TENANTS, history: 1000, upstream: origin, pinned: true });
  const at = (port: number, pid: number, headers = JSON_HEADERS): Contender => ({
    url: `http://127.0.0.1:${port}/v1/chat/completions`,
    headers: [headers],
    pid,
  });
  const nginx = stream ? undefined : await startNginxProxy(bench, port);
  if (!stream && !nginx) missing.push('nginx: neither on this machine nor to be had from Debian');
  // Streaming through it fails with a TypeError, in every version of Node it was tried on.
  const portkey = stream ? undefined : await startPortkey(bench, port);
  return {
    direct: { url: `${origin}/v1/chat/completions`, headers: [JSON_HEADERS] },
    bare: at(bare.port, bare.child.pid),
    gateway: await gatewayContender(platform),
    ...(nginx ? { nginx: at(nginx.port, nginx.child.pid) } : {}),
    ...(portkey ? { portkey: at(portkey.port, portkey.child.pid, { ...JSON_HEADERS, ...portkey.headers }) } : {}),
    platform,
    upstream: fixed ? 'nginx' : 'node',
    missing,
  };
}

/** Our gateway, called by every tenant in turn; their caps and quotas are counted, and reached by none. */
export async function gatewayContender(platform: BenchPlatform): Promise<Contender> {
  for (const { id } of platform.tenants) await platform.setAmpleLimits(id);
  return {
    url: `${platform.gatewayUrl}/v1/chat/completions`,
    headers: platform.tenants.map(({ apiKey }) => ({ ...JSON_HEADERS, authorization: `Bearer ${apiKey}` })),
    pid: platform.gatewayPid,
  };
}
