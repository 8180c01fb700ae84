/** Texts that clients and colleagues can put in stay texts: on every page, in every file, in notifications. */
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { openConsoleCalls } from './fixtures/console-calls.ts';
import { callGateway } from './fixtures/tenant-calls.ts';
import { expect, test } from './fixtures/test.ts';

test.use({ stage: 'hostile text', role: 'admin' });
test.describe.configure({ timeout: 180_000 });

/** A formula, markup that runs, a template, a link: each begins as a sheet would take it. */
const hostile = (what: string): string =>
  `=HYPERLINK("http://evil.test","${what}")<img src=x onerror="marks.push('${what}')"><script>marks.push('${what}')</script>{{7*7}}`;

const made = z.object({ tenantId: z.uuid(), keyId: z.uuid() });
const overview = z.looseObject({
  rows: z.array(
    z.looseObject({ tenantId: z.uuid(), cap: z.looseObject({ capId: z.uuid(), version: z.number() }).nullable() }),
  ),
});

/** Cells of CSV (RFC 4180), as a sheet reads them. */
function cellsOf(csv: string): string[] {
  return [...csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(?:,|\r\n|$)/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
  );
}

test(
  'what others wrote is read as they wrote it, and does nothing',
  { tag: '@browser' },
  async ({ platform, page, console }) => {
    const calls = await openConsoleCalls(console);
    const name = hostile('client');
    const { tenantId } = made.parse(
      await calls.call('/tenants/create', {
        name,
        slug: 'hostile',
        currency: 'USD',
        timeZone: 'Asia/Kolkata',
        plan: 'pro',
        capNanoUsd: 25_000_000_000n,
        thresholds: [50],
        keyName: hostile('key'),
        idempotencyKey: randomUUID(),
      }),
    );
    const capOf = async () => {
      const { rows } = overview.parse(await calls.call('/board/watch', {}));
      return rows.find((row) => row.tenantId === tenantId)?.cap ?? null;
    };
    // The board hears of a client that was made within a moment.
    await expect.poll(capOf).not.toBeNull();
    const cap = await capOf();
    const sent = { tenantId, capId: cap!.capId };
    await calls.call('/caps/change', {
      ...sent,
      expectedVersion: cap!.version,
      idempotencyKey: randomUUID(),
      change: { kind: 'set', limitNanoUsd: 26_000_000_000n },
      reason: hostile('reason of a change'),
    });
    await calls.call('/requests/ask', {
      ...sent,
      amountNanoUsd: 5_000_000_000n,
      reason: hostile('reason of a request'),
      idempotencyKey: randomUUID(),
    });
    // What a client's own call says: the gateway refuses a model that it has no price for, and the console lists it.
    const model = hostile('model').slice(0, 120);
    await callGateway(platform, platform.tenants[0]!, 50, model);

    await page.addInitScript(() => {
      const marks: string[] = [];
      const notified: unknown[][] = [];
      class Recorded extends EventTarget {
        static readonly permission = 'granted';
        static async requestPermission(): Promise<string> {
          return 'granted';
        }
        constructor(...said: unknown[]) {
          super();
          notified.push(said);
        }
        close(): void {}
      }
      Object.assign(window, { marks, notified, Notification: Recorded });
    });
    const asked: string[] = [];
    page.on('request', (request) => void asked.push(request.url()));
    await console.open(page);
    await expect(page.getByRole('meter').first()).toBeVisible();
    const harmless = async (): Promise<void> => {
      expect(await page.evaluate(() => (window as unknown as { marks: string[] }).marks)).toEqual([]);
      await expect(page.locator('img[src="x"], a[href*="evil.test"]')).toHaveCount(0);
    };

    // The board, the panel with its tabs, the inbox, the audit log, the figures: the very text, and nothing of it alive.
    const row = page.getByRole('row').filter({ hasText: name });
    await expect(row).toBeVisible();
    await row.click();
    for (const tab of await page.getByRole('tab').all()) {
      await tab.click();
      await harmless();
    }
    await page.getByRole('tab', { name: 'Keys' }).click();
    await expect(page.getByText(hostile('key')).first()).toBeVisible();
    for (const place of ['Inbox', 'Margins', 'Reports', 'Audit', 'Board']) {
      await page
        .getByRole('navigation', { name: 'Pages' })
        .getByRole('link', { name: new RegExp(`^${place}`) })
        .click();
      if (place === 'Inbox') await expect(page.getByText(hostile('reason of a request')).first()).toBeVisible();
      if (place === 'Audit') await expect(page.getByText(hostile('reason of a change')).first()).toBeVisible();
      await harmless();
    }
    await page.keyboard.press('Control+k');
    await page.keyboard.insertText('HYPERLINK');
    await expect(page.getByText(name).first()).toBeVisible();
    await harmless();
    await page.keyboard.press('Escape');
    const notified = await page.evaluate(() => (window as unknown as { notified: unknown[][] }).notified);
    for (const said of notified) expect(said.every((part) => ['string', 'object'].includes(typeof part))).toBe(true);
    expect(asked.filter((url) => !url.startsWith(console.origin) && !url.startsWith('data:'))).toEqual([]);

    // Files of the audit log: no cell begins as a formula does, and JSON says the text itself. (Reports: report-csv, report-html and report-pdf tests.)
    const fileOf = async (format: 'csv' | 'jsonl'): Promise<string> => {
      await calls.call('/audit/export', { format, filter: {}, idempotencyKey: randomUUID() });
      const named = (): string | undefined => readdirSync(console.exports).find((file) => file.endsWith(`.${format}`));
      await expect.poll(named).toBeDefined();
      return readFileSync(path.join(console.exports, named() ?? ''), 'utf8');
    };
    expect(await fileOf('jsonl')).toContain(JSON.stringify(hostile('reason of a change')));
    const cells = cellsOf(await fileOf('csv'));
    expect(cells).toContain(`'${hostile('reason of a change')}`);
    expect(cells.filter((cell) => /^[=@\t\r]|^[+-](?![\d.]+$)/.test(cell))).toEqual([]);
    calls.close();
  },
);
