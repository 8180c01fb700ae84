import { expect, type Locator, type Page } from '@playwright/test';

/** The board as an operator sees it: by names and roles. */
export class BoardPage {
  private readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  async untilShown(): Promise<void> {
    await expect(this.page.getByRole('meter').first()).toBeVisible();
  }

  async open(): Promise<void> {
    await this.page.getByRole('link', { name: 'Board' }).click();
    await this.untilShown();
  }

  row(tenant: string): Locator {
    return this.page.getByRole('row', { name: new RegExp(tenant) });
  }

  /** The gauge; its words are in `aria-valuetext`. */
  gauge(tenant: string): Locator {
    return this.row(tenant).getByRole('meter');
  }

  /** The cap as the gauge names it: "$25.00". */
  async cap(tenant: string): Promise<string> {
    const words = (await this.gauge(tenant).getAttribute('aria-valuetext')) ?? '';
    return / % of (\S+) committed/.exec(words)?.[1] ?? '';
  }

  raise(tenant: string, percent: number): Promise<void> {
    return this.page.getByRole('button', { name: `Raise cap of ${tenant} by ${percent} %` }).click();
  }

  /** Opens the client's side panel. */
  async openTenant(tenant: string): Promise<void> {
    await this.row(tenant).focus();
    await this.page.keyboard.press('Enter');
    await expect(this.page.getByRole('heading', { name: tenant })).toBeVisible();
  }

  /** Opens the form with all ways to change the cap. */
  async openCapControl(tenant: string): Promise<void> {
    await this.page
      .getByRole('button', { name: `Change cap of ${tenant}` })
      .first()
      .click();
    await expect(this.page.getByRole('heading', { name: `Cap of ${tenant}` })).toBeVisible();
  }
}
