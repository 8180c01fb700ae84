import { expect, type Locator, type Page } from '@playwright/test';

/** The audit page: its entries, newest first, and its other tabs. */
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

  async openTab(name: 'Entries' | 'Verify'): Promise<void> {
    const tab = this.page.getByRole('navigation', { name: 'Audit' }).getByRole('link', { name });
    await tab.click();
    await expect(tab).toHaveAttribute('aria-current', 'page');
  }

  entries(tenant: string | RegExp): Locator {
    return this.page
      .getByRole('table', { name: /^Audit entries/ })
      .getByRole('row')
      .filter({ hasText: tenant });
  }

  /** A filter by its label. */
  filter(label: 'Client' | 'Who' | 'Action' | 'From' | 'To'): Locator {
    return this.page.getByRole('search', { name: 'Filter entries' }).getByLabel(label, { exact: true });
  }

  async showAll(): Promise<void> {
    await this.page.getByRole('button', { name: 'Show all' }).click();
  }

  /** Begins a check. */
  async verify(): Promise<void> {
    await this.page.getByRole('button', { name: /^Verify / }).click();
  }

  get verifyButton(): Locator {
    return this.page.getByRole('button', { name: /^Verify / });
  }

  get verdict(): Locator {
    return this.page.getByRole('region', { name: 'Check' });
  }

  findings(tenant: string): Locator {
    return this.page
      .getByRole('table', { name: 'First bad entry of each chain' })
      .getByRole('row')
      .filter({ hasText: tenant });
  }

  /** Above every page. */
  get alarm(): Locator {
    return this.page.getByRole('alert').filter({ hasText: 'The audit log of' });
  }

  async acceptAlarm(): Promise<void> {
    await this.page.getByRole('button', { name: 'This has a known cause…' }).click();
    await this.page.getByRole('button', { name: 'Remember it as it is now' }).click();
  }

  /** @returns the path that the window tells. */
  async export(format: 'JSON Lines' | 'CSV'): Promise<string> {
    await this.page.getByRole('button', { name: 'Export…' }).click();
    await this.page.getByRole('button', { name: format }).click();
    const written = this.page.getByText(/entries written to/);
    await expect(written).toBeVisible();
    return written.locator('b').innerText();
  }
}
