import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { startChild } from '../../process/child.ts';
import { freePort } from '../../process/free-port.ts';
import { eventually } from '../../testing/eventually.ts';

/** A real Redis Cluster of three masters without replicas on loopback. */
export interface RedisCluster {
  /** Of all masters, with commas between. */
  readonly urls: string;
  /** Kills the master that has this key's slot. */
  killMasterOf(key: string): Promise<void>;
  /** False: the master that has this key's slot was killed. */
  serves(key: string): Promise<boolean>;
  close(): Promise<void>;
}

const MASTERS = 3;
const SLOTS = 16_384;

export async function startRedisCluster(redis: { program?: string; env?: NodeJS.ProcessEnv }): Promise<RedisCluster> {
  const folders: string[] = [];
  const masters = await Promise.all(
    Array.from({ length: MASTERS }, async () => {
      const folder = mkdtempSync(path.join(tmpdir(), 'tenantdesk-cluster-'));
      folders.push(folder);
      const [port, busPort] = [await freePort(), await freePort()];
      const settings = {
        port,
        bind: '127.0.0.1',
        dir: folder,
        save: '',
        appendonly: 'no',
        'cluster-enabled': 'yes',
        'cluster-port': busPort,
        'cluster-config-file': 'nodes.conf',
        'cluster-node-timeout': 1_000,
        // The other masters' tenants go on.
        'cluster-require-full-coverage': 'no',
      };
      const child = await startChild({
        name: 'Redis',
        command: redis.program ?? 'redis-server',
        args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]),
        stopSignal: 'SIGTERM',
        ready: /Ready to accept connections/i,
        ...(redis.env ? { env: redis.env } : {}),
      });
      return { port, busPort, child, client: new Redis(port, '127.0.0.1') };
    }),
  );
  const [first] = masters;
  if (first === undefined) throw new Error('There is no master.');
  for (const [index, { client }] of masters.entries()) {
    const from = Math.floor((index * SLOTS) / MASTERS);
    const until = Math.floor(((index + 1) * SLOTS) / MASTERS) - 1;
    await client.cluster('ADDSLOTSRANGE', from, until);
  }
  for (const { port, busPort } of masters.slice(1)) {
    await first.client.call('CLUSTER', 'MEET', '127.0.0.1', port, busPort);
  }
  for (const { client } of masters) {
    await eventually(async () => {
      const info = await client.cluster('INFO');
      if (!info.includes('cluster_state:ok') || !info.includes('cluster_known_nodes:3')) throw new Error(info);
    });
  }
  const killed = new Set<number>();
  const ownerOf = async (key: string): Promise<number> => {
    const asked = masters.find((_, index) => !killed.has(index));
    const slot = (await asked?.client.cluster('KEYSLOT', key)) ?? 0;
    return Math.floor((slot * MASTERS) / SLOTS);
  };
  return {
    urls: masters.map(({ port }) => `redis://127.0.0.1:${port}`).join(','),
    killMasterOf: async (key) => {
      const index = await ownerOf(key);
      const owner = masters[index];
      if (owner === undefined) throw new Error(`Nobody has the slot of ${key}.`);
      killed.add(index);
      owner.client.disconnect();
      await owner.child.kill();
    },
    serves: async (key) => !killed.has(await ownerOf(key)),
    close: async () => {
      for (const { client } of masters) client.disconnect();
      await Promise.all(masters.map(({ child }) => child.stop()));
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    },
  };
}
