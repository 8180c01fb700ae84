import { findings } from './fixtures/axe-findings.ts';
import { expect, test } from './fixtures/test.ts';

for (const colorScheme of ['dark', 'light'] as const) {
  test.describe(`in the ${colorScheme} theme`, () => {
    test.use({ colorScheme });
    test.describe.configure({ timeout: 180_000 });

    test('axe finds nothing on the board, in the side panel, in the cap control and on the audit page', async ({
      page,
      board,
      audit,
    }) => {
      expect(await findings(page)).toEqual([]);
      await board.openTenant('Clinic B');
      expect(await findings(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await board.openCapControl('Clinic B');
      expect(await findings(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await audit.open();
      expect(await findings(page)).toEqual([]);
      await audit.openTab('Verify');
      await audit.verify();
      await expect(audit.verdict).toContainText('All is as it was written');
      expect(await findings(page)).toEqual([]);
    });

    test('nor on a cap just changed, nor while it is raised for a time', async ({ platform, page, board }) => {
      const { name } = platform.tenants.find(({ slug }) => slug !== 'clinic-b')!;
      await board.raise(name, 10);
      await expect(board.undo(name)).toBeVisible();
      expect(await findings(page)).toEqual([]);
      await board.openTenant(name);
      await board.raiseForATime(name, '5', `${new Date().getFullYear() + 1}-01-01T09:00`);
      await board
        .overrides(name)
        .getByRole('button', { name: /^Remove/ })
        .click();
      expect(await findings(page)).toEqual([]);
      await board
        .overrides(name)
        .getByRole('button', { name: /^Remove it/ })
        .click();
      await expect(board.overrides(name)).toHaveCount(0);
    });
  });
}
