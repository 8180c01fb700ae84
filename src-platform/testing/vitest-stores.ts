import type { TestProject } from 'vitest/node';
import { findRealRedis } from '../local/redis-package.ts';
import { startTestCluster } from './test-cluster.ts';

/**
 * vitest's `globalSetup`: one PostgreSQL for all files of a run, and a real Redis where one can be had. TENANTDESK_TEST_POSTGRES names
 * the folder of another PostgreSQL's programs than the bundled one's.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const [{ cluster, stop }, redis] = await Promise.all([
    startTestCluster(process.env['TENANTDESK_TEST_POSTGRES']),
    findRealRedis({ env: process.env, say }),
  ]);
  if (!redis.found) say(`Gateways are tested on js-redis-server, not on a real Redis: ${redis.reason}.`);
  project.provide('testCluster', cluster);
  project.provide('testRedis', redis.found ? { program: redis.program, env: redis.env } : {});
  return stop;
}
