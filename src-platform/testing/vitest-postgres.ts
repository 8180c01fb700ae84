import type { TestProject } from 'vitest/node';
import { startTestCluster } from './test-cluster.ts';

/** vitest's `globalSetup`: one PostgreSQL for all files of a run. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { cluster, stop } = await startTestCluster();
  project.provide('testCluster', cluster);
  return stop;
}
