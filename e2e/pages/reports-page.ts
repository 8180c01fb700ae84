import type { Locator, Page } from '@playwright/test';

export class ReportsPage {
  readonly page: Page;
  readonly clients: Locator;
  readonly preview: Locator;
  readonly result: Locator;

  constructor(page: Page) {
    this.page = page;
    this.clients = page.getByRole('grid', { name: 'Clients' });
    this.preview = page.getByRole('region', { name: 'Preview' });
    this.result = page.getByRole('status', { name: 'Result of the export' });
  }

  /** From the rail. */
  async open(): Promise<void> {
    await this.page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Reports' }).click();
  }

  client(name: string): Locator {
    return this.clients.getByRole('row', { name, exact: true });
  }

  /** The first clients of the month that have something to report. */
  ready(): Locator {
    return this.clients.getByRole('row').filter({ hasText: 'ready' });
  }

  exportButton(): Locator {
    return this.page.getByRole('region', { name: 'Export' }).getByRole('button', { name: /^Export/ });
  }
}
