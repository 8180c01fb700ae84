import { readFileSync } from 'node:fs';
import { Client } from 'pg';
import type { PlatformFacts, PlatformTenant } from './fixtures/local-platform.ts';
import { expect, test } from './fixtures/test.ts';

/** Not Clinic B, whose cap other specs need. */
const tenantOf = (platform: PlatformFacts): PlatformTenant =>
  platform.tenants.findLast(({ slug }) => slug !== 'clinic-b')!;

/** Somebody with the owner's power, past the wall that keeps the log append-only. */
async function asOwner(platform: PlatformFacts, sql: string, tenantId: string): Promise<void> {
  const client = new Client({ connectionString: platform.postgres });
  await client.connect();
  try {
    await client.query('begin; alter table platform.audit_log disable trigger audit_log_append_only');
    for (const statement of sql.split(';')) await client.query(statement, [tenantId]);
    await client.query('alter table platform.audit_log enable trigger audit_log_append_only; commit');
  } finally {
    await client.end();
  }
}

const LAST = `tenant_id = $1 and seq = (select max(seq) from platform.audit_log where tenant_id = $1)`;

test('entries are narrowed by client, who, action and time', async ({ platform, board, audit, page }) => {
  const { name } = tenantOf(platform);
  await board.raise(name, 10);
  await expect(board.undo(name)).toBeVisible();
  await audit.open();
  await audit.filter('Client').selectOption({ label: name });
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(`Audit of ${name}`);
  await expect(audit.entries('monthly cap').first()).toBeVisible();
  await audit.filter('Who').selectOption(platform.operators.find(({ role }) => role === 'td_auditor')!.login);
  await expect(page.getByText('No such entry')).toBeVisible();
  await audit.filter('Who').selectOption({ label: 'Everybody' });
  await audit.filter('Action').selectOption('cap.set');
  await expect(audit.entries('monthly cap').first()).toBeVisible();
  await audit.filter('To').fill('2020-01-01T00:00');
  await expect(page.getByText('No such entry')).toBeVisible();
  await audit.showAll();
  await expect(audit.entries(name).first()).toBeVisible();
});

test('a check names the first bad entry of a chain that was tampered with', async ({ platform, board, audit }) => {
  const { id, name } = tenantOf(platform);
  await board.raise(name, 10);
  await expect(board.undo(name)).toBeVisible();
  await audit.open();
  await audit.openTab('Verify');
  await audit.verify();
  await expect(audit.verdict).toContainText('All is as it was written');
  await asOwner(platform, `update platform.audit_log set login = login || 'x' where ${LAST}`, id);
  await audit.verify();
  await expect(audit.verdict).toContainText('One chain is not as written');
  await expect(audit.findings(name)).toContainText('was changed after it was written');
  await asOwner(platform, `update platform.audit_log set login = left(login, -1) where ${LAST}`, id);
  await audit.verify();
  await expect(audit.verdict).toContainText('All is as it was written');
});

test('a tail cut off with its head is told on every page, until its cause is known', async ({
  platform,
  board,
  audit,
  page,
}) => {
  const { id, name } = tenantOf(platform);
  await board.raise(name, 10);
  await expect(board.undo(name)).toBeVisible();
  await audit.open();
  await audit.openTab('Verify');
  await audit.verify();
  await expect(audit.verdict).toContainText('All is as it was written');
  await asOwner(
    platform,
    `delete from platform.audit_log where ${LAST};
     delete from platform.audit_heads where tenant_id = $1;
     insert into platform.audit_heads select tenant_id, seq, hash from platform.audit_log where ${LAST}`,
    id,
  );
  await audit.verify();
  await expect(audit.findings(name)).toContainText('and all after it are gone');
  await expect(audit.alarm).toContainText(`The audit log of ${name} was cut`);
  await page.getByRole('link', { name: 'Board' }).click();
  await expect(audit.alarm).toBeVisible();
  await audit.alarm.getByRole('link', { name: 'Look' }).click();
  await audit.acceptAlarm();
  await expect(audit.alarm).toHaveCount(0);
});

test('an export lies where the window says, and is in the log', async ({ platform, board, audit }) => {
  const { id, name } = tenantOf(platform);
  await board.raise(name, 10);
  await expect(board.undo(name)).toBeVisible();
  await audit.open();
  await audit.filter('Client').selectOption({ label: name });
  const file = await audit.export('JSON Lines');
  const lines = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines[0]).toMatchObject({ format: 'tenantdesk-audit-1', filter: { chain: id } });
  expect(lines.at(-2)).toMatchObject({ tenantId: id, action: 'audit.export' });
  expect(lines.at(-1)).toMatchObject({ entries: lines.length - 2 });
  await expect(audit.entries(/audit export/).first()).toBeVisible();
});

test.describe('a viewer', () => {
  test.use({ role: 'viewer' });
  test('is told that the log is not for their role', async ({ board, page }) => {
    await board.untilShown();
    await expect(page.getByRole('link', { name: 'Audit' })).toHaveCount(0);
    for (const tab of ['', '/verify', '/isolation']) {
      await page.evaluate((hash) => (window.location.hash = hash), `#/audit${tab}`);
      await expect(page.getByText('The audit log is not for your role')).toBeVisible();
    }
  });
});
