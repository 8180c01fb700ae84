/* oxlint-disable typescript/no-implied-eval, typescript/no-unsafe-call -- what is tried here is what must not work */
/**
 * The page's policy by what it does in Chromium: as it is, nothing gets through; with any of its directives undone, something does. (A
 * policy with a slip in its spelling looks right and does nothing.)
 */
import { expect, test, type Page } from '@playwright/test';
import { contentSecurityPolicy } from '../src-main/app/page-policy.ts';

const HOME = 'https://console.test';
const ELSEWHERE = 'https://evil.test';
const NONCE = Buffer.alloc(16, 7).toString('base64');
const POLICY = contentSecurityPolicy({ nonce: NONCE, connectTo: "'none'" });

/** What a page would have in it when somebody's text had become markup. */
const DOCUMENT = `<!doctype html><base href="${ELSEWHERE}/"><title>page</title>
<style nonce="${NONCE}">#own { width: 7px }</style>
<style>#inline { width: 7px }</style>
<link rel="stylesheet" href="${ELSEWHERE}/style.css">
<body><p id="own"></p><p id="inline"></p><p id="foreign"></p>
<script>mark('inline script')</script>
<script src="${ELSEWHERE}/script.js"></script>
<script src="data:text/javascript,mark('data: script')"></script>
<img src="data:," onerror="mark('handler')">
<img src="${ELSEWHERE}/image.png">
<iframe src="${ELSEWHERE}/frame.html"></iframe>
<object data="${ELSEWHERE}/object.html"></object>
<form method="post" action="${ELSEWHERE}/form"></form>`;

/** Runs in the page, as one of its own scripts would; crosses over as its source. */
function attack(elsewhere: string): void {
  const seen: string[] = [];
  Object.assign(window, { seen, mark: (what: string) => seen.push(what) });
  const got = (what: string, attempt: () => unknown): void => {
    try {
      if (attempt() !== false) seen.push(what);
    } catch {
      // Refused, as it should be.
    }
  };
  const end = async (): Promise<void> => {
    const width = (id: string): boolean => getComputedStyle(document.querySelector(`#${id}`)!).width === '7px';
    got('own style', () => width('own'));
    got('inline style', () => width('inline'));
    got('foreign style', () => width('foreign'));
    got('base', () => document.baseURI.startsWith(elsewhere));
    got('own markup', () => Reflect.set(document.querySelector('#own')!, 'innerHTML', '<b>text</b>'));
    const { trustedTypes: maker } = window as unknown as {
      trustedTypes: { createPolicy(name: string, rules: object): object };
    };
    got('another maker of markup', () => maker.createPolicy('evil', {}));
    // In a task of the page's own: the developer tools lift the ban on eval for theirs.
    got('eval', () => new Function('return true')());
    await fetch(`${elsewhere}/fetch`, { mode: 'no-cors' }).then(
      () => seen.push('fetch'),
      () => undefined,
    );
    // Its address alone is let pass by the page's own maker, so that worker-src decides.
    maker.createPolicy('default', { createScriptURL: (url: string) => url });
    await new Promise<void>((resolve) => {
      const worker = new Worker(`${location.origin}/worker.js`);
      worker.addEventListener('message', () => resolve(void seen.push('worker')));
      worker.addEventListener('error', () => resolve());
    }).catch(() => undefined);
    await new FontFace('evil', `url(${elsewhere}/font.woff2)`).load().catch(() => undefined);
    document.querySelector('form')!.submit();
    document.title = 'tried';
  };
  addEventListener('load', () => void end());
}

/** Names of what got through. `policy` undefined: none. */
async function tryAll(page: Page, policy: string): Promise<string[]> {
  const reached = new Set<string>();
  await page.route('**/*', async (route) => {
    const { origin, pathname } = new URL(route.request().url());
    if (origin === 'https://framing.test') {
      await route.fulfill({
        contentType: 'text/html',
        body: `<title>tried</title><iframe src="${HOME}/framed"></iframe>`,
      });
    } else if (origin !== HOME) {
      reached.add(`${pathname.slice(1)} elsewhere`);
      const style = pathname.endsWith('.css') ? '#foreign { width: 7px }' : '';
      const script = pathname.endsWith('.js') ? "mark('foreign script')" : '';
      await route.fulfill({
        contentType: style ? 'text/css' : script ? 'text/javascript' : 'text/html',
        headers: { 'access-control-allow-origin': '*' },
        body: style || script,
      });
    } else if (pathname === '/worker.js') {
      await route.fulfill({ contentType: 'text/javascript', body: 'postMessage(1)' });
    } else if (pathname === '/attack.js') {
      await route.fulfill({ contentType: 'text/javascript', body: `(${attack.toString()})('${ELSEWHERE}')` });
    } else {
      const body = DOCUMENT.replace('<title>', `<script src="${HOME}/attack.js"></script><title>`);
      await route.fulfill({ contentType: 'text/html', headers: { 'content-security-policy': policy }, body });
    }
  });
  await page.goto(HOME);
  // The form, when it gets through, takes the page elsewhere.
  await page.waitForFunction((home) => document.title === 'tried' || location.origin !== home, HOME);
  const seen = page.url().startsWith(HOME)
    ? await page.evaluate(() => (window as unknown as { seen: string[] }).seen)
    : [];
  await page.goto('https://framing.test/');
  const framed = page.frames()[1];
  if (framed?.url().startsWith(HOME)) reached.add('framed');
  return [...seen, ...reached];
}

test('as it is, only what is the page’s own gets through', { tag: '@browser' }, async ({ page }) => {
  expect(await tryAll(page, POLICY)).toEqual(['own style']);
});

/** A directive, what is put in its place, and what gets through then. */
const UNDONE: readonly [directive: string, find: RegExp | string, put: string, through: readonly string[]][] = [
  ['default-src', "default-src 'none'; ", '', ['frame.html elsewhere', 'object.html elsewhere']],
  ['script-src (inline)', "script-src 'self'", "script-src 'self' 'unsafe-inline'", ['inline script', 'handler']],
  ['script-src (elsewhere)', "script-src 'self'", `script-src 'self' ${ELSEWHERE}`, ['foreign script']],
  ['script-src (data)', "script-src 'self'", "script-src 'self' data:", ['data: script']],
  [
    'script-src and trusted types (eval)',
    /script-src 'self'(.*) require-trusted-types-for 'script';/,
    "script-src 'self' 'unsafe-eval'$1",
    ['eval'],
  ],
  ['style-src (nonce)', ` 'nonce-${NONCE}'`, " 'unsafe-inline'", ['inline style']],
  ['style-src (elsewhere)', "style-src 'self'", `style-src 'self' ${ELSEWHERE}`, ['foreign style']],
  ['worker-src', "worker-src 'none'", "worker-src 'self'", ['worker']],
  ['img-src', "img-src 'self'", `img-src 'self' ${ELSEWHERE}`, ['image.png elsewhere']],
  ['font-src', "font-src 'self'", `font-src 'self' ${ELSEWHERE}`, ['font.woff2 elsewhere']],
  ['connect-src', "connect-src 'none'", `connect-src ${ELSEWHERE}`, ['fetch', 'fetch elsewhere']],
  ['base-uri', " base-uri 'none';", '', ['base']],
  ['form-action', " form-action 'none';", '', ['form elsewhere']],
  ['frame-ancestors', " frame-ancestors 'none';", '', ['framed']],
  ['require-trusted-types-for', " require-trusted-types-for 'script';", '', ['own markup']],
  ['trusted-types', 'trusted-types default', 'trusted-types *', ['another maker of markup']],
  [
    'its spelling',
    "default-src 'none'; script-src 'self'",
    "default-src: 'none'; script-src: 'self'",
    ['inline script'],
  ],
];

for (const [directive, find, put, through] of UNDONE) {
  test(`${directive} undone lets something through`, { tag: '@browser' }, async ({ page }) => {
    const policy = POLICY.replace(find, put);
    expect(policy).not.toBe(POLICY);
    expect(await tryAll(page, policy)).toEqual(expect.arrayContaining([...through]));
  });
}
