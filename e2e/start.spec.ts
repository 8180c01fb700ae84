/** `npm start` from outside, as a command. */
import { makeHome, npmStart, processesOf, type Home } from './fixtures/npm-start.ts';
import { expect, test as base } from '@playwright/test';

/** One home for all: the first start makes its data, the others find it. */
const test = base.extend<object, { home: Home }>({
  home: [
    async ({}, provide) => {
      const home = makeHome();
      await provide(home);
      home.remove();
    },
    { scope: 'worker' },
  ],
});

const LITTLE = ['--no-open', '--history', '2000'];

test.describe.configure({ timeout: 120_000 });

test(
  '--smoke sees figures move, says so in one line and leaves nothing behind',
  { tag: '@browser' },
  async ({ home }) => {
    const command = npmStart(home, '--smoke');
    const code = await command.ended;
    expect([code, command.stderr()]).toEqual([0, expect.any(String)]);
    expect(command.stdout().trim().split('\n')).toHaveLength(1);
    expect(JSON.parse(command.stdout())).toEqual({ smoke: 'ok', shell: 'browser', boardMs: expect.any(Number) });
    await expect.poll(() => processesOf(home)).toEqual([]);
  },
);

test(
  'two at once both work, each on data of its own, and an interrupt ends each',
  { tag: '@browser' },
  async ({ home, page }) => {
    const commands = [npmStart(home, ...LITTLE), npmStart(home, ...LITTLE)];
    const addresses: string[] = [];
    for (const command of commands) {
      const [address] = await command.said(/http:\/\/127\.0\.0\.1:\d+\/open\/[\w-]+/);
      addresses.push(address);
      await page.goto(address);
      await expect(page.getByRole('row', { name: 'Clinic B' })).toBeVisible();
      await expect(page.getByRole('meter').first()).toBeVisible();
    }
    expect(new Set(addresses.map((address) => new URL(address).port)).size).toBe(2);

    const [first, second] = [commands[0]!, commands[1]!];
    await first.said(/The address was used\. A fresh one.*\n.*http:/);
    first.kill('SIGINT');
    expect(await first.ended).toBe(0);
    // What is left belongs to the second one, which goes on.
    await page.reload();
    await expect(page.getByRole('meter').first()).toBeVisible();
    second.kill('SIGTERM');
    await second.ended;
    await expect.poll(() => processesOf(home), { timeout: 20_000 }).toEqual([]);
  },
);

test('killing npm, or the platform, ends everything', { tag: '@browser' }, async ({ home }) => {
  const killed = npmStart(home, ...LITTLE);
  await killed.said(/\/open\//);
  killed.kill('SIGKILL');
  await expect.poll(() => processesOf(home), { timeout: 20_000 }).toEqual([]);

  const orphaned = npmStart(home, ...LITTLE);
  await orphaned.said(/\/open\//);
  const platform = processesOf(home).find((line) => line.includes('platform.ts'));
  process.kill(Number(platform?.split(' ')[0]), 'SIGKILL');
  expect(await orphaned.ended).toBe(1);
  expect(orphaned.stderr()).toContain('The local platform ended by itself (SIGKILL)');
  await expect.poll(() => processesOf(home), { timeout: 20_000 }).toEqual([]);
});

test('a command line that cannot be followed gets a sentence', { tag: '@browser' }, async ({ home }) => {
  const command = npmStart(home, '--smokey');
  expect(await command.ended).toBe(1);
  expect(command.stderr()).toMatch(/^tenantdesk: Unknown option '--smokey'/m);
  const help = npmStart(home, '--help');
  expect(await help.ended).toBe(0);
  expect(help.stdout()).toContain('--no-traffic');
});
