import { defineConfig } from 'vitest/config';

const rooms = 'src-{main,platform,renderer}/**';

/** unit: pure functions, in parallel. integration: real PostgreSQL, Redis, processes; files one after the other on 2 cores. torture: alone, after them. */
export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    reporters: ['default'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [`${rooms}/*.test.ts`, '.ci/**/*.test.ts'],
          exclude: ['**/*.integration.test.ts', 'node_modules/**'],
          // A property over thousands of cases on a machine that does other things.
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: [`${rooms}/*.integration.test.ts`],
          globalSetup: ['src-platform/testing/vitest-stores.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
          pool: 'forks',
        },
      },
      {
        extends: true,
        test: {
          name: 'torture',
          include: ['e2e/torture/*.integration.test.ts'],
          sequence: { groupOrder: 1 },
          testTimeout: 60_000,
          pool: 'forks',
        },
      },
    ],
  },
});
