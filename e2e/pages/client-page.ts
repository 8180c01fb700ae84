import { expect, type Locator, type Page } from '@playwright/test';

/** Making a client, its status and its keys, as an operator sees them. */
export class ClientPage {
  private readonly page: Page;
  readonly newClient: Locator;
  readonly dialog: Locator;

  constructor(page: Page) {
    this.page = page;
    this.newClient = page.getByRole('button', { name: 'New client' });
    this.dialog = page.getByRole('dialog', { name: 'New client' });
  }

  /** Opens the dialog by its key. */
  async openDialog(): Promise<void> {
    await this.page.keyboard.press('n');
    await expect(this.dialog.getByLabel('Name', { exact: true })).toBeFocused();
  }

  field(label: string): Locator {
    return this.dialog.getByLabel(label);
  }

  /** Chooses from a list that is searched. */
  async choose(label: string, search: string, option: string): Promise<void> {
    await this.dialog.getByRole('combobox', { name: label }).fill(search);
    await this.page.getByRole('option', { name: option }).click();
  }

  create(): Promise<void> {
    return this.dialog.getByRole('button', { name: 'Create client' }).click();
  }

  /** The secret that stands on the screen, the only time it does. */
  get secret(): Locator {
    return this.page.getByLabel(/^Secret of /).and(this.page.getByRole('textbox'));
  }

  /** Copies the secret that is shown and closes it; answers with what is in the clipboard, by pasting it. */
  async copySecret(): Promise<string> {
    const shown = await this.secret.inputValue();
    await this.page.getByRole('button', { name: 'Copy', exact: true }).click();
    await expect(this.page.getByText('It is in the clipboard.')).toBeVisible();
    await this.page.getByRole('button', { name: 'Done' }).click();
    await expect(this.secret).toHaveCount(0);
    const filter = this.page
      .getByRole('searchbox')
      .or(this.page.getByLabel(/^Filter/))
      .first();
    await filter.fill('');
    await filter.press('ControlOrMeta+v');
    const pasted = await filter.inputValue();
    await filter.fill('');
    await filter.press('Escape');
    expect(pasted).toBe(shown);
    return shown;
  }

  tab(name: string): Locator {
    return this.page.getByRole('tab', { name });
  }

  /** A key in the open panel. */
  key(name: string): Locator {
    return this.page.getByRole('listitem').filter({ has: this.page.getByRole('button', { name: `Rotate… ${name}` }) });
  }

  keys(client: string): Locator {
    return this.page.getByRole('list', { name: `Keys of ${client}, the newest first` }).getByRole('listitem');
  }

  async issue(name: string): Promise<void> {
    await this.page.getByRole('button', { name: 'New key' }).click();
    await this.page.getByLabel('Name', { exact: true }).fill(name);
    await this.page.getByRole('button', { name: 'Issue key' }).click();
  }

  async rotate(name: string, overlap: string): Promise<void> {
    await this.page.getByRole('button', { name: `Rotate… ${name}` }).click();
    await this.page.getByLabel('The old secret stays accepted').selectOption({ label: overlap });
    await this.page.getByRole('button', { name: 'Make a new secret' }).click();
  }

  askRevoke(name: string): Promise<void> {
    return this.page.getByRole('button', { name: `Revoke… ${name}` }).click();
  }

  /** The button that does it, once asked for. */
  confirm(what: string): Locator {
    return this.page.getByRole('button', { name: what, exact: true });
  }

  get suspend(): Locator {
    return this.page.getByRole('button', { name: 'Suspend…' });
  }

  get resume(): Locator {
    return this.page.getByRole('button', { name: 'Resume…' });
  }
}
