/** A cap that passes a threshold is told of, and somebody says that they have seen to it. */
import { findingsInBothThemes } from './fixtures/axe-findings.ts';
import { spendUntilRefused } from './fixtures/tenant-calls.ts';
import { expect, test } from './fixtures/test.ts';
import { AuditPage } from './pages/audit-page.ts';
import { InboxPage } from './pages/inbox-page.ts';

// Clinic B is near its cap there, on any day.
test.use({ stage: 'inbox' });

test('a cap that is reached is told of at once; who has seen to it says so', async ({ page, platform, board }) => {
  const clinic = platform.tenants.find(({ slug }) => slug === 'clinic-b')!;
  await board.untilShown();
  const inbox = new InboxPage(page);
  await inbox.open();
  await spendUntilRefused(platform, clinic);
  const alert = page
    .getByRole('region', { name: 'Alerts' })
    .getByRole('listitem')
    .filter({ hasText: `${clinic.name} reached its cap` });
  await expect(alert).toBeVisible();
  // The client's row leads to it.
  await board.open();
  await board.mark(clinic.name, 'reached its cap').click();
  await expect(alert).toBeInViewport();
  expect(await findingsInBothThemes(page)).toEqual([]);
  await alert.getByRole('button', { name: /^Seen/ }).click();
  await expect(alert).toHaveCount(0);
  await board.open();
  await expect(board.mark(clinic.name, 'reached its cap')).toHaveCount(0);

  const audit = new AuditPage(page);
  await audit.open();
  await expect(audit.entries(clinic.name).first()).toContainText('alert');
});
