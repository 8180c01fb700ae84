import { expect, type Locator, type Page } from '@playwright/test';

/** The tab "Isolation check" of the audit page. */
export class IsolationPage {
  private readonly page: Page;
  readonly button: Locator;
  readonly verdict: Locator;

  constructor(page: Page) {
    this.page = page;
    this.button = page.getByRole('button', { name: 'Run the isolation check' });
    this.verdict = page.getByText(/^Clients (are|may not be) kept apart in this database\./);
  }

  async open(): Promise<void> {
    await this.page.getByRole('link', { name: 'Audit', exact: true }).click();
    await this.page.getByRole('link', { name: 'Isolation check' }).click();
    await expect(this.button).toBeVisible();
  }

  async run(): Promise<void> {
    await this.button.click();
    await expect(this.verdict).toBeVisible({ timeout: 30_000 });
  }

  rules(): Locator {
    return this.page.getByRole('region', { name: 'Rules' }).getByRole('heading', { level: 3 });
  }

  attempts(who: string): Locator {
    return this.page.getByRole('table', { name: 'Attempts' }).getByRole('row').filter({ hasText: who });
  }

  /** @returns where the page lies. */
  async exportPage(): Promise<string> {
    await this.page.getByRole('button', { name: 'Export page for a client' }).click();
    const written = this.page.getByText(/^Written to /);
    await expect(written).toBeVisible();
    return (await written.locator('b').textContent()) ?? '';
  }
}
