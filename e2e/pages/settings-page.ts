import type { Locator, Page } from '@playwright/test';

/** What the user sets for the program around the window. */
export class SettingsPage {
  private readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  async open(): Promise<void> {
    await this.page.getByRole('link', { name: 'Settings' }).click();
    await this.page.getByRole('heading', { name: 'On this computer' }).waitFor();
  }

  setting(name: string): Locator {
    return this.page.getByRole('checkbox', { name });
  }

  /** The row of a setting says what it does, or why it can't. */
  sentence(words: string): Locator {
    return this.page.getByText(words, { exact: false });
  }
}
