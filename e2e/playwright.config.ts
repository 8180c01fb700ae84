import path from 'node:path';
import { defineConfig } from '@playwright/test';
import { sandboxedChromium } from './fixtures/sandboxed-chromium.ts';

const { executablePath, env } = await sandboxedChromium(path.resolve('node_modules/.cache/tenantdesk'));

/** Specs run on both shells, but for those whose subject is one of them. `E2E_SHELL=browser|electron` runs one. */
const projects = [
  { name: 'browser', use: { shell: 'browser' as const }, grepInvert: /@electron/ },
  { name: 'electron', use: { shell: 'electron' as const }, grepInvert: /@browser/ },
];
const wanted = process.env['E2E_SHELL'];

/** One worker has one local platform; specs that need another state of it start their own. No retries. */
export default defineConfig<object, { shell: 'browser' | 'electron' }>({
  testDir: '.',
  testMatch: '**/*.spec.ts',
  outputDir: '../test-results',
  workers: 1,
  retries: 0,
  forbidOnly: Boolean(process.env['CI']),
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: 'list',
  projects: projects.filter(({ name }) => !wanted || name === wanted),
  use: {
    viewport: { width: 1440, height: 900 },
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: { executablePath, env, chromiumSandbox: true },
  },
});
