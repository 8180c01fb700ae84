import { expect, type Locator, type Page } from '@playwright/test';

/** The audit page: its entries, newest first. */
export class AuditPage {
  private readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  async open(): Promise<void> {
    await this.page.getByRole('link', { name: 'Audit' }).click();
    await expect(this.page.getByRole('heading', { name: 'Audit' })).toBeVisible();
  }

  entries(tenant: string): Locator {
    return this.page.getByRole('row').filter({ hasText: tenant });
  }
}
