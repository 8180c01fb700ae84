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

  /** The mark in a client's row of what the inbox holds of it, if it says that. */
  mark(tenant: string, words: string): Locator {
    return this.row(tenant).getByRole('link', { name: new RegExp(`^${tenant}: .*${words}`) });
  }

  /** How everything behind the window stands, in a few words. */
  get connection(): Locator {
    return this.page.getByRole('status', { name: 'Connection' });
  }

  /** A figure of all clients together, by its label. */
  tile(label: string): Locator {
    return this.page
      .getByRole('region', { name: 'All clients together' })
      .locator(':scope > *')
      .filter({ hasText: label });
  }

  /** The line on what silent gateways hold. */
  get notice(): Locator {
    return this.page.getByRole('status').filter({ hasText: 'held by gateway' });
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

  /** `noun`: which cap, as the button names it. */
  raise(tenant: string, percent: number, noun: 'cap' | 'daily cap' = 'cap'): Promise<void> {
    return this.page.getByRole('button', { name: `Raise ${noun} of ${tenant} by ${percent} %` }).click();
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

  /** "Undo (27 s)", wherever it stands. */
  undo(tenant: string, noun: 'cap' | 'daily cap' = 'cap'): Locator {
    return this.page.getByRole('button', { name: `Undo the change of the ${noun} of ${tenant}` });
  }

  /** The client's open side panel. */
  panel(tenant: string): Locator {
    return this.page.getByRole('complementary', { name: `Client ${tenant}` });
  }

  /** A cap in the open panel: its figures and the ways to change it. */
  capSection(tenant: string, period: 'month' | 'day' = 'month'): Locator {
    return this.panel(tenant).getByRole('region', { name: period === 'day' ? 'Daily cap' : /^(Cap|Monthly cap)$/ });
  }

  /** Types a new cap into the open panel and sends it. */
  async enterCap(tenant: string, usd: string, period: 'month' | 'day' = 'month'): Promise<void> {
    const section = this.capSection(tenant, period);
    await section.getByLabel(/^New (daily )?cap of/).fill(usd);
    await section.getByRole('button', { name: 'Set cap' }).click();
  }

  /** Raises the cap for a time, in the open panel. `localDateTime`: in the client's zone. */
  async raiseForATime(tenant: string, usd: string, localDateTime: string): Promise<void> {
    const panel = this.capSection(tenant);
    await panel.getByText('Raise for a time').click();
    await panel.getByLabel(`Raise cap of ${tenant} for a time by, in USD`).fill(usd);
    await panel.getByLabel(`When the temporary raise of ${tenant} ends`).selectOption('date');
    await panel.getByLabel(/^Day and hour in/).fill(localDateTime);
    await panel.getByRole('button', { name: 'Raise', exact: true }).click();
  }

  /** The temporary raises that the open panel lists. */
  overrides(tenant: string): Locator {
    return this.capSection(tenant)
      .getByRole('list', { name: `Temporary raises of ${tenant}` })
      .getByRole('listitem');
  }

  /** How a change ended that needs an answer. */
  question(): Locator {
    return this.page.getByRole('alert');
  }

  /** The line about models without a price; opened it is a table. */
  get unpriced(): Locator {
    return this.page.locator('details').filter({ hasText: 'no price' });
  }
}
