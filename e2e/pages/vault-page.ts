import { expect, type Locator, type Page } from '@playwright/test';

export interface ConnectionEntry {
  readonly name: string;
  /** `postgres://…` of an operator's login. */
  readonly postgres: string;
  readonly gateway: string;
  readonly token: string;
  /** Production when absent. */
  readonly kind?: string;
  readonly colour?: string;
}

/** The menu of platforms, the dialogs behind it, and the lock, by names and roles. */
export class VaultPage {
  private readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** In words: production, staging, local. */
  get kind(): Locator {
    return this.page.getByLabel('Kind of platform');
  }

  /** What is so with the open platform, above every page. */
  get notes(): Locator {
    return this.page.getByRole('region', { name: 'About this platform' });
  }

  async openMenu(): Promise<void> {
    await this.page.getByRole('button', { name: 'Platforms' }).click();
    await expect(this.page.getByRole('menu', { name: 'Platforms' })).toBeVisible();
  }

  async choose(item: string | RegExp): Promise<void> {
    await this.openMenu();
    await this.page.getByRole('menuitem', { name: item }).click();
  }

  dialog(name: string): Locator {
    return this.page.getByRole('dialog', { name });
  }

  /** First-time set-up with a passphrase alone, also where there is a keychain. */
  async setUp(passphrase: string): Promise<void> {
    const dialog = this.dialog('A vault for your connections');
    const make = dialog.getByRole('button', { name: 'Make the vault' });
    await expect(make).toBeEnabled();
    const keychain = dialog.getByRole('checkbox');
    if (await keychain.isVisible()) await keychain.uncheck();
    await dialog.getByLabel('Passphrase', { exact: true }).fill(passphrase);
    await dialog.getByLabel('The same passphrase again').fill(passphrase);
    await make.click();
  }

  /** In the open dialog of the vault. */
  async changePassphrase(current: string, next: string): Promise<void> {
    const form = this.page.getByRole('form', { name: 'Keys of the vault' });
    await form.getByLabel('Passphrase it has now').fill(current);
    await form.getByLabel('New passphrase').fill(next);
    await form.getByLabel('The same passphrase again').fill(next);
    await form.getByRole('button', { name: 'Change the keys' }).click();
  }

  async enter({ name, postgres, gateway, token, kind, colour }: ConnectionEntry): Promise<void> {
    const dialog = this.dialog('Connect your platform');
    const url = new URL(postgres);
    await dialog.getByLabel('Name', { exact: true }).fill(name);
    if (kind !== undefined) await dialog.getByLabel('Kind').selectOption(kind);
    if (colour !== undefined) await dialog.getByLabel('Colour').selectOption(colour);
    await dialog.getByLabel('Host').fill(url.hostname);
    await dialog.getByLabel('Port', { exact: true }).fill(url.port);
    await dialog.getByLabel('Database name').fill(url.pathname.slice(1));
    await this.group('Database').getByLabel('Encryption').selectOption('none');
    await dialog.getByLabel('Login').fill(decodeURIComponent(url.username));
    await dialog.getByLabel('Password', { exact: true }).fill(decodeURIComponent(url.password));
    await dialog.getByLabel('Address', { exact: true }).fill(gateway);
    await dialog.getByLabel('Token').fill(token);
  }

  /** The fields of the database or of the gateway. */
  group(name: 'Database' | 'Gateway'): Locator {
    return this.page.getByRole('dialog').getByRole('group', { name });
  }

  async press(name: 'Test' | 'Connect' | 'Save' | 'Stop'): Promise<void> {
    await this.page.getByRole('dialog').getByRole('button', { name, exact: true }).click();
  }

  /** One of the connections that the vault keeps, in their list. */
  connection(name: string): Locator {
    return this.page.getByRole('list', { name: 'Connections' }).getByRole('listitem').filter({ hasText: name });
  }

  get parts(): Locator {
    return this.page.getByRole('list', { name: 'What each part said' }).getByRole('listitem');
  }

  /** What came while it was locked. */
  get missed(): Locator {
    return this.page.getByRole('region', { name: 'Since it was locked' });
  }

  get lockScreen(): Locator {
    return this.page.getByRole('heading', { name: 'TenantDesk is locked' });
  }

  async unlock(passphrase: string): Promise<void> {
    await this.page.getByLabel('Passphrase').fill(passphrase);
    await this.page.getByRole('button', { name: 'Unlock', exact: true }).click();
  }
}
