import { expect, test } from './fixtures/test.ts';

test('the board shows without a single complaint of the policy', async ({ page, console }) => {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await console.open(page);
  await expect(page.getByRole('meter').first()).toBeVisible();
  expect(complaints).toEqual([]);
});

test(
  'the cookie is out of reach for scripts, and the address works once',
  { tag: '@browser' },
  async ({ page, browser, console }) => {
    const address = console.newAddress();
    await page.goto(address);
    await expect(page.getByRole('meter').first()).toBeVisible();
    expect(await page.evaluate(() => document.cookie)).toBe('');
    expect(page.url()).not.toContain('open');

    const stranger = await browser.newContext();
    const strangersPage = await stranger.newPage();
    expect((await strangersPage.goto(address))?.status()).toBe(401);
    await expect(strangersPage.getByText('was used already')).toBeVisible();
    expect((await strangersPage.goto(console.origin))?.status()).toBe(401);
    await stranger.close();
  },
);

test(
  'a page of another site gets nothing, even in a browser that is signed in',
  { tag: '@browser' },
  async ({ page, context, console }) => {
    await page.goto(console.newAddress());
    await expect(page.getByRole('meter').first()).toBeVisible();
    const other = await context.newPage();
    await context.route('http://elsewhere.example/**', (route) =>
      route.fulfill({ contentType: 'text/html', body: '<p>other' }),
    );
    await other.goto('http://elsewhere.example/');
    const result = await other.evaluate(async (origin) => {
      const dialled = await new Promise((resolve) => {
        const socket = new WebSocket(`${origin.replace('http', 'ws')}/rpc`);
        socket.addEventListener('open', () => resolve('open'));
        socket.addEventListener('error', () => resolve('refused'));
      });
      const fetched = await fetch(`${origin}/`, { credentials: 'include' }).then(
        () => 'read',
        () => 'refused',
      );
      const frame = Object.assign(document.createElement('iframe'), { src: `${origin}/` });
      document.body.append(frame);
      await new Promise((resolve) => frame.addEventListener('load', resolve));
      return { dialled, fetched };
    }, console.origin);
    expect(result).toEqual({ dialled: 'refused', fetched: 'refused' });
    const framed = other.frames().at(-1);
    expect(await framed?.evaluate(() => document.body.innerText).catch(() => '')).not.toContain('Clinic B');
  },
);
