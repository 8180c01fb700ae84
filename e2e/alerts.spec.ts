/** A cap that passes a threshold is told of, and somebody says that they have seen to it. */
import { findingsInBothThemes } from './fixtures/axe-findings.ts';
import { callGateway } from './fixtures/tenant-calls.ts';
import { expect, test } from './fixtures/test.ts';
import { AuditPage } from './pages/audit-page.ts';
import { InboxPage } from './pages/inbox-page.ts';

// Clinic B is near its cap there, on any day.
test.use({ stage: 'inbox' });

test('a client near its cap is told of; who has seen to it says so', async ({ page, platform, board }) => {
  const clinic = platform.tenants.find(({ slug }) => slug === 'clinic-b')!;
  await board.untilShown();
  const inbox = new InboxPage(page);
  await inbox.open();
  expect(await callGateway(platform, clinic)).toMatchObject({ status: 200 });
  const alert = page
    .getByRole('region', { name: 'Alerts' })
    .getByRole('listitem')
    .filter({ hasText: `${clinic.name} passed 95 % of its cap` });
  await expect(alert).toBeVisible();
  expect(await findingsInBothThemes(page)).toEqual([]);
  await alert.getByRole('button', { name: /^Seen/ }).click();
  await expect(alert).toHaveCount(0);

  const audit = new AuditPage(page);
  await audit.open();
  await expect(audit.entries(clinic.name).first()).toContainText('alert');
});
