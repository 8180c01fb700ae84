import { expect, type Locator, type Page } from '@playwright/test';

/** The margin page, by names and roles. */
export class MarginsPage {
  private readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  async open(): Promise<void> {
    await this.page.getByRole('link', { name: 'Margins' }).click();
    await expect(this.page.getByRole('heading', { name: 'Margins', exact: true })).toBeAttached();
  }

  get table(): Locator {
    return this.page.getByRole('grid', { name: 'Margins by client' });
  }

  row(tenant: string): Locator {
    return this.table.getByRole('row', { name: tenant });
  }

  /** Names of the clients, from the top. */
  names(): Promise<(string | null)[]> {
    return this.table
      .locator('[data-tenant]')
      .evaluateAll((rows) =>
        rows
          .toSorted((one, other) => Number(one.ariaRowIndex) - Number(other.ariaRowIndex))
          .map((row) => row.getAttribute('aria-label')),
      );
  }

  panel(tenant: string): Locator {
    return this.page.getByRole('complementary', { name: `Margin of ${tenant}` });
  }

  async openTenant(tenant: string): Promise<void> {
    await this.row(tenant).focus();
    await this.page.keyboard.press('Enter');
    await expect(this.panel(tenant).getByRole('table', { name: 'By workflow and model' })).toBeVisible();
  }

  choose(month: string): Promise<string[]> {
    return this.page.getByRole('combobox', { name: 'Month' }).selectOption(month);
  }
}
