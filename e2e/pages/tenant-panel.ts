import type { Locator, Page } from '@playwright/test';

/** A client's side panel. */
export class TenantPanelPage {
  /** The newest first. */
  readonly refusals: Locator;
  /** The one that explains itself. */
  readonly openedRefusal: Locator;
  /** The caps of the opened refusal. */
  readonly scopes: Locator;
  readonly calls: Locator;
  /** What silent gateways hold of this client's caps. */
  readonly orphaned: Locator;
  /** The dearest first. */
  readonly workflows: Locator;
  /** Messages, conversations and calls to other systems of the month. */
  readonly counted: Locator;

  constructor(page: Page) {
    this.refusals = page.getByRole('region', { name: 'Last refusals' }).locator('ol > li');
    this.openedRefusal = this.refusals.filter({ has: page.getByRole('button', { expanded: true }) });
    this.scopes = page.getByRole('list', { name: 'Every cap of the call' }).getByRole('listitem');
    this.calls = page.getByRole('region', { name: 'Last calls' }).getByRole('listitem');
    const byWorkflow = page.getByRole('region', { name: 'By workflow' });
    this.workflows = byWorkflow.locator('tbody tr');
    this.counted = byWorkflow.getByText('messages');
    this.orphaned = page.getByRole('list', { name: 'Held by gateways that are silent' });
  }
}
