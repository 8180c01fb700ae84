import { expect, type Locator, type Page } from '@playwright/test';

/** The audit page: its entries, newest first. */
export class AuditPage {
  private readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  async open(): Promise<void> {
    await this.page.getByRole('link', { name: 'Audit' }).click();
    const table = this.page.getByRole('table', { name: /^Audit entries/ });
    await expect(table.or(this.page.getByText('No entry yet'))).toBeVisible();
  }

  entries(tenant: string): Locator {
    return this.page.getByRole('row').filter({ hasText: tenant });
  }
}
