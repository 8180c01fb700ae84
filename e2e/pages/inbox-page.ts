import { expect, type Locator, type Page } from '@playwright/test';

/** The inbox as an operator sees it. */
export class InboxPage {
  private readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** The place in the rail, with how much waits. */
  get place(): Locator {
    return this.page.getByRole('link', { name: /^Inbox/ });
  }

  async open(): Promise<void> {
    await this.place.click();
    await expect(this.page.getByRole('heading', { name: 'Inbox', exact: true })).toBeVisible();
  }

  item(tenant: string): Locator {
    return this.page.getByRole('list', { name: /^Waiting for a decision/ }).getByRole('button', { name: tenant });
  }

  /** A request that is over; the tab is opened. */
  async decided(tenant: string): Promise<Locator> {
    await this.page.getByRole('link', { name: 'Decided', exact: true }).click();
    return this.page
      .getByRole('list', { name: /^Decided/ })
      .getByRole('listitem')
      .filter({ hasText: tenant });
  }

  card(tenant: string): Locator {
    return this.page.getByRole('article', { name: `Decision about ${tenant}` });
  }
}
