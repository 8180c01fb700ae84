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

  /** "Undo (27 s)", wherever it stands. */
  undo(tenant: string): Locator {
    return this.page.getByRole('button', { name: `Undo the change of the cap of ${tenant}` });
  }

  /** The client's open side panel. */
  panel(tenant: string): Locator {
    return this.page.getByRole('complementary', { name: `Client ${tenant}` });
  }

  /** Types a new cap into the open panel and sends it. */
  async enterCap(tenant: string, usd: string): Promise<void> {
    await this.panel(tenant).getByLabel(`New cap of ${tenant} in USD`).fill(usd);
    await this.panel(tenant).getByRole('button', { name: 'Set cap' }).click();
  }

  /** Raises the cap for a time, in the open panel. `localDateTime`: in the client's zone. */
  async raiseForATime(tenant: string, usd: string, localDateTime: string): Promise<void> {
    const panel = this.panel(tenant);
    await panel.getByText('Raise for a time').click();
    await panel.getByLabel(`Raise cap of ${tenant} for a time by, in USD`).fill(usd);
    await panel.getByLabel(`When the temporary raise of ${tenant} ends`).selectOption('date');
    await panel.getByLabel(/^Day and hour in/).fill(localDateTime);
    await panel.getByRole('button', { name: 'Raise', exact: true }).click();
    await panel.getByRole('tab', { name: 'Caps' }).click();
  }

  /** The temporary raises that the open panel lists. */
  overrides(tenant: string): Locator {
    return this.panel(tenant)
      .getByRole('list', { name: `Temporary raises of ${tenant}` })
      .getByRole('listitem');
  }

  /** How a change ended that needs an answer. */
  question(): Locator {
    return this.page.getByRole('alert');
  }
}
