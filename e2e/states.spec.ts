/** How the window stands when a part behind it does not: each state said, no confident zero, mended by itself. */
import type { Page } from '@playwright/test';
import { Client } from 'pg';
import { startFaultProxy, type FaultProxy } from '../src-platform/testing/fault-proxy.ts';
import type { TestPlatform } from './fixtures/local-platform.ts';
import { callGateway } from './fixtures/tenant-calls.ts';
import { startTestConsole } from './fixtures/test-console.ts';
import { expect, test } from './fixtures/test.ts';
import { BoardPage } from './pages/board-page.ts';

interface Fixtures {
  /** Between the console and its two parts. */
  lines: { database: FaultProxy; gateway: FaultProxy };
}

interface Options {
  /** How the lines are when the console starts. */
  linesAtFirst: 'forward' | 'silent';
}

const faulty = test.extend<Fixtures & Options>({
  linesAtFirst: ['forward', { option: true }],

  lines: async ({ platform, linesAtFirst }, provide) => {
    const operator = platform.operators.find(({ role }) => role === 'td_operator')!;
    const database = await startFaultProxy(operator.postgres);
    const gateway = await startFaultProxy(platform.gateway);
    for (const line of [database, gateway]) line.set(linesAtFirst);
    await provide({ database, gateway });
    await database.close();
    await gateway.close();
  },

  console: async ({ platform, lines }, provide) => {
    const console = await startTestConsole(through(platform, lines), 'operator');
    await provide(console);
    await console.close();
  },
});

function through(platform: TestPlatform, lines: Fixtures['lines']): TestPlatform {
  const operators = platform.operators.map((operator) =>
    operator.role === 'td_operator' ? { ...operator, postgres: lines.database.url } : operator,
  );
  return { ...platform, operators, gateway: lines.gateway.url };
}

/** Both themes, for whoever looks at the results. */
async function picture(page: Page, name: string): Promise<void> {
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme });
    await test.info().attach(`${name}-${colorScheme}`, { body: await page.screenshot(), contentType: 'image/png' });
  }
}

/** They cut what lies behind the console's main side, which is the same in every shell. */
const BROWSER = { tag: '@browser' };

const connection = (page: Page) => page.getByRole('status', { name: 'Connection' });

test(
  'the page says that it starts before any of its code is there, and no longer',
  BROWSER,
  async ({ console, page }) => {
    const code = Promise.withResolvers<void>();
    await page.route('**/*.js', async (route) => {
      await code.promise;
      await route.continue();
    });
    await page.goto(console.newAddress(), { waitUntil: 'commit' });
    const starting = page.getByText('TenantDesk is starting…');
    await expect(starting).toBeVisible();
    code.resolve();
    await new BoardPage(page).untilShown();
    await expect(starting).toBeHidden();
  },
);

faulty.describe('a platform that does not answer yet', () => {
  faulty.use({ linesAtFirst: 'silent' });

  faulty('starting, then live', BROWSER, async ({ lines, console, page }) => {
    await console.open(page);
    await expect(connection(page)).toContainText('catching up');
    await expect(page.getByLabel('Clients are on their way')).toBeVisible();
    await picture(page, 'starting');
    for (const line of Object.values(lines)) line.set('refuse');
    for (const line of Object.values(lines)) line.set('forward');
    await new BoardPage(page).untilShown();
    await expect(connection(page)).toContainText('live', { timeout: 20_000 });
  });
});

faulty(
  'the gateway away: spend from the ledger, held and calls unknown, and back',
  BROWSER,
  async ({ lines, board, page, platform }) => {
    await expect(connection(page)).toContainText('live');
    const { name } = platform.tenants[0]!;
    lines.gateway.set('refuse');
    await expect(connection(page)).toContainText(/gateway away since \d\d:\d\d/);
    await expect(board.gauge(name)).toHaveAttribute('aria-valuetext', /held unknown/);
    await expect(page.getByRole('button', { name: /^Refusing now/ })).toContainText('unknown: nothing vouches for it');
    await board.openTenant(name);
    await picture(page, 'gateway-away');
    lines.gateway.set('forward');
    await expect(connection(page)).toContainText(/live/);
  },
);

faulty(
  'the database away: figures live on, changes are refused, lists say from when they are',
  BROWSER,
  async ({ lines, board, page, platform }) => {
    const { name } = platform.tenants[0]!;
    await board.openTenant(name);
    await expect(page.getByRole('region', { name: 'Last calls' })).toBeVisible();
    lines.database.set('refuse');
    await expect(connection(page)).toContainText(/database away since \d\d:\d\d/);
    await expect(page.getByRole('alert').filter({ hasText: 'The database does not answer' })).toContainText(
      'Shown is what was known',
    );
    await expect(page.getByRole('button', { name: `Raise cap of ${name} by 10 %` })).toHaveAttribute(
      'aria-disabled',
      'true',
    );
    await picture(page, 'database-away');
    lines.database.set('forward');
    await expect(connection(page)).toContainText(/live/, { timeout: 20_000 });
    await expect(page.getByRole('alert')).toHaveCount(0);
  },
);

faulty('both away: said once, and nothing can be changed', BROWSER, async ({ lines, board, page, platform }) => {
  const { name } = platform.tenants[0]!;
  for (const line of Object.values(lines)) line.set('refuse');
  await expect(connection(page)).toContainText(/gateway and database away since/);
  await expect(page.getByRole('status').filter({ hasText: 'No gateway answers either' })).toBeVisible();
  await expect(board.gauge(name)).toHaveAttribute('aria-valuetext', /, as of/);
  await picture(page, 'both-away');
});

test(
  'redis away: caps hold, the window says what that means, and it is back by itself',
  BROWSER,
  async ({ platform, board, page }) => {
    const tenant = platform.tenants.find(({ slug }) => slug !== 'clinic-b')!;
    await expect(connection(page)).toContainText('live');
    const redis = platform.suspendRedis();
    try {
      await expect(connection(page)).toContainText(/redis away since \d\d:\d\d/, { timeout: 15_000 });
      await expect(page.getByRole('status').filter({ hasText: 'Caps hold all the same.' })).toContainText(
        'figures are whole',
      );
      expect((await callGateway(platform, tenant)).status).toBe(200);
      await expect(board.gauge(tenant.name)).not.toHaveAttribute('aria-valuetext', /unknown/);
      await picture(page, 'redis-away');
    } finally {
      redis.resume();
    }
    await expect(connection(page)).toContainText('live', { timeout: 15_000 });
  },
);

test(
  'the gateway without its database: it says so, and spends only what it holds',
  BROWSER,
  async ({ platform, board, page }) => {
    await board.untilShown();
    const owner = new Client({ connectionString: platform.postgres });
    await owner.connect();
    // Locked out of its heartbeat, the gateway can't tell that it is there.
    await owner.query('begin');
    await owner.query('lock table platform.gateways in access exclusive mode');
    try {
      await expect(connection(page)).toContainText(/gateway without database since/, { timeout: 20_000 });
      await picture(page, 'gateway-database-away');
    } finally {
      await owner.query('rollback');
      await owner.end();
    }
    await expect(connection(page)).toContainText('live', { timeout: 15_000 });
  },
);

test.describe('nobody to look after', BROWSER, () => {
  test.use({ role: 'account_manager' });

  test('an operator without clients is told so, and sees the first one by itself', async ({
    platform,
    console,
    page,
  }) => {
    const owner = new Client({ connectionString: platform.postgres });
    await owner.connect();
    const { rows } = await owner.query<{ tenant_id: string; operator_id: string }>(
      'delete from platform.operator_tenants returning tenant_id, operator_id',
    );
    const tell = () => owner.query(`select platform.announce('operators', null)`);
    try {
      await tell();
      await console.open(page);
      await expect(page.getByRole('heading', { name: 'No clients yet' })).toBeVisible();
      await picture(page, 'empty');
    } finally {
      for (const row of rows) {
        await owner.query('insert into platform.operator_tenants (tenant_id, operator_id) values ($1, $2)', [
          row.tenant_id,
          row.operator_id,
        ]);
      }
      await tell();
      await owner.end();
    }
    await expect(page.getByRole('meter').first()).toBeVisible({ timeout: 20_000 });
  });
});
