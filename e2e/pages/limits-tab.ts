import { expect, type Locator, type Page } from '@playwright/test';

/** The tab of a client's side panel with what limits it besides its own caps. */
export class LimitsTab {
  private readonly page: Page;
  /** Caps of keys and workflows. */
  readonly caps: Locator;
  /** Which models the client may ask for. */
  readonly models: Locator;
  /** Those in force, as they are shown above the form. */
  readonly modelList: Locator;
  /** Rules by which a cheaper model answers. */
  readonly cheaper: Locator;

  constructor(page: Page) {
    this.page = page;
    this.caps = page.getByRole('region', { name: /^Caps of keys and workflows of/ });
    this.models = page.getByRole('region', { name: /^Models of/ });
    this.modelList = this.models.getByRole('paragraph').first();
    this.cheaper = page.getByRole('region', { name: /^Cheaper models of/ });
  }

  async open(): Promise<void> {
    await this.page.getByRole('tab', { name: 'Limits' }).click();
    await expect(this.caps).toBeVisible();
  }

  /** Gives the client's first key a monthly cap; answers with the key's name. */
  async capFirstKey(usd: string): Promise<string> {
    await this.caps.getByRole('button', { name: 'Add cap' }).click();
    const option = this.caps.locator('optgroup[label="Keys"] option').first();
    const name = (await option.textContent()) ?? '';
    await this.caps.getByLabel('Of what').selectOption({ label: name });
    await this.caps.getByLabel('Cap in USD').fill(usd);
    await this.caps.getByRole('button', { name: 'Add this cap' }).click();
    return name;
  }

  /** One a line or with commas; nothing: every model. */
  async setModels(names: string): Promise<void> {
    await this.models.getByRole('button', { name: /^Set…/ }).click();
    await this.models.getByLabel('Models that it may ask for').fill(names);
    await this.models.getByRole('button', { name: 'Set models' }).click();
  }

  /** "Requests a day" */
  quota(name: string): Locator {
    return this.page
      .getByRole('region', { name: /^Quotas of/ })
      .getByRole('listitem')
      .filter({ hasText: name });
  }

  cap(name: string): Locator {
    return this.caps.getByRole('listitem').filter({ hasText: name });
  }
}
