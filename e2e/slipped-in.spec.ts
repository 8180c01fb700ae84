/* oxlint-disable typescript/no-implied-eval, typescript/no-unsafe-call, typescript/no-unsafe-return, eslint/no-eval, no-script-url, no-deprecated -- what
   is tried here is what must not work */
/** As if somebody had got a piece of markup or of script into the real page: what Chromium does with each. policy.spec.ts undoes the policy's parts. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from './fixtures/test.ts';

/** Answers everything, to whoever asks, and remembers what was asked for. */
async function startCollector(): Promise<{ origin: string; asked: string[]; server: Server }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response
      .writeHead(200, { 'access-control-allow-origin': '*', 'content-type': 'text/javascript' })
      .end('marks.push("loaded")');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, server };
}

test('nothing that is slipped into the page runs, loads, frames, posts or calls home', async ({ page, board }) => {
  await expect(board.row('Clinic B')).toBeVisible();
  const { origin: evil, asked, server } = await startCollector();
  const at = page.url();
  const { marks, refused, passed } = await page.evaluate(async (target) => {
    const marks: string[] = [];
    Object.assign(window, { marks });
    const refused: string[] = [];
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => refused.push(effectiveDirective));
    const put = <T extends keyof HTMLElementTagNameMap>(
      tag: T,
      rest: object,
      attributes: Record<string, string> = {},
    ) => {
      const made = Object.assign(document.createElement(tag), rest);
      for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
      document.body.append(made);
      return made;
    };
    const mark = (name: string): string => `marks.push(${JSON.stringify(name)})`;
    const address = (name: string): string => `${target}/${encodeURIComponent(name)}`;
    const html = (name: string): string => `<img src=x onerror='${mark(name)}'>`;
    const blob = (type: string, text: string): string => URL.createObjectURL(new Blob([text], { type }));
    const attempts: Record<string, (name: string) => unknown> = {
      'inline script': (name) => put('script', { textContent: mark(name) }),
      'inline module': (name) => put('script', { type: 'module', textContent: mark(name) }),
      'script of another origin': (name) => put('script', { src: address(name) }),
      'script as data': (name) => put('script', { src: `data:text/javascript,${mark(name)}` }),
      'script as a blob': (name) => put('script', { src: blob('text/javascript', mark(name)) }),
      'import of data': (name) => import(/* @vite-ignore */ `data:text/javascript,${mark(name)}`),
      'import of another origin': (name) => import(/* @vite-ignore */ address(name)),
      'speculation rules': (name) =>
        put('script', {
          type: 'speculationrules',
          textContent: JSON.stringify({ prefetch: [{ urls: [address(name)] }] }),
        }),
      eval: (name) => (0, eval)(mark(name)),
      Function: (name) => new Function(mark(name))(),
      'timer of text': (name) => setTimeout(mark(name), 0),
      'event handler': (name) => put('img', { src: 'x:' }, { onerror: mark(name) }),
      'event handler by a name': (name) => put('a', {}, { onclick: mark(name) }).click(),
      'javascript: link': (name) => put('a', { href: `javascript:${mark(name)}` }).click(),
      'javascript: frame': (name) => put('iframe', { src: `javascript:parent.${mark(name)}` }),
      'javascript: form': (name) => put('form', { action: `javascript:${mark(name)}` }).submit(),
      innerHTML: (name) => (put('div', {}).innerHTML = html(name)),
      outerHTML: (name) => (put('div', {}).outerHTML = html(name)),
      insertAdjacentHTML: (name) => document.body.insertAdjacentHTML('beforeend', html(name)),
      'document.write': (name) => document.write(html(name)),
      fragment: (name) => document.body.append(document.createRange().createContextualFragment(html(name))),
      parser: (name) =>
        document.body.append(...new DOMParser().parseFromString(html(name), 'text/html').body.childNodes),
      srcdoc: (name) => put('iframe', { srcdoc: `<script>parent.${mark(name)}</script>` }),
      'a policy of its own': (name) =>
        (
          window as unknown as { trustedTypes: { createPolicy(name: string, rules: object): unknown } }
        ).trustedTypes.createPolicy('evil', { createHTML: () => mark(name) }) && marks.push(name),
      'the default policy again': (name) =>
        (
          window as unknown as { trustedTypes: { createPolicy(name: string, rules: object): unknown } }
        ).trustedTypes.createPolicy('default', {}) && marks.push(name),
      'data: frame': (name) =>
        put('iframe', { src: `data:text/html,<script>new Image().src='${address(name)}'</script>` }),
      'blob: frame': (name) => put('iframe', { src: blob('text/html', `<img src="${address(name)}">`) }),
      'frame of another origin': (name) => put('iframe', { src: address(name) }),
      'frame of its own page': () => put('iframe', { src: '/', name: 'own' }),
      object: (name) => put('object', { data: address(name) }),
      embed: (name) => put('embed', { src: address(name) }),
      'inline style sheet': () => put('style', { textContent: 'body{--slipped:1}' }),
      'style attribute': () => put('div', { id: 'styled' }, { style: '--slipped:1' }),
      'style sheet of another origin': (name) => put('link', { rel: 'stylesheet', href: address(name) }),
      'import of a style sheet': (name) => document.styleSheets[0]?.insertRule(`@import url("${address(name)}")`),
      'background of another origin': (name) =>
        (put('div', { textContent: 'x' }).style.backgroundImage = `url("${address(name)}")`),
      'font of another origin': (name) => new FontFace('evil', `url("${address(name)}")`).load(),
      'image of another origin': (name) => put('img', { src: address(name) }),
      'dangling markup': (name) => put('img', {}, { srcset: `${address(name)}?\n<p>rest of the page` }),
      video: (name) => put('video', { src: address(name) }),
      track: (name) => put('audio', { src: address(name) }),
      manifest: (name) => put('link', { rel: 'manifest', href: address(name) }),
      prefetch: (name) => put('link', { rel: 'prefetch', href: address(name) }),
      preload: (name) => put('link', { rel: 'preload', as: 'script', href: address(name) }),
      'module preload': (name) => put('link', { rel: 'modulepreload', href: address(name) }),
      icon: (name) => put('link', { rel: 'icon', href: address(name) }),
      base: (name) => {
        document.head.append(Object.assign(document.createElement('base'), { href: `${target}/` }));
        if (new URL('x', document.baseURI).origin === target) marks.push(name);
      },
      form: (name) => put('form', { action: address(name), method: 'post' }).submit(),
      'form of its own page': () => put('form', { action: '/rpc', method: 'post' }).submit(),
      fetch: (name) => fetch(address(name), { mode: 'no-cors' }),
      'fetch of its own page': (name) => fetch('/index.html').then(() => marks.push(name)),
      XMLHttpRequest: (name) => {
        const request = new XMLHttpRequest();
        request.open('GET', address(name));
        request.send();
      },
      EventSource: (name) => new EventSource(address(name)),
      WebSocket: (name) => new WebSocket(address(name).replace('http', 'ws')),
      beacon: (name) => navigator.sendBeacon(address(name), document.body.innerText),
      ping: (name) => put('a', { href: '#', ping: address(name) }).click(),
      worker: () => new Worker('/index.html').addEventListener('message', () => marks.push('worker')),
      'worker as a blob': (name) => new Worker(blob('text/javascript', `fetch('${address(name)}')`)),
      'shared worker': (name) => new SharedWorker(blob('text/javascript', `fetch('${address(name)}')`)),
      'service worker': (name) => navigator.serviceWorker.register('/index.html').then(() => marks.push(name)),
    };
    const passed: string[] = [];
    for (const [name, attempt] of Object.entries(attempts)) {
      // In tasks of the page's own: inside `evaluate` the developer tools lift the ban on eval.
      await new Promise<void>((resolve) => {
        setTimeout(() => {
          try {
            void Promise.resolve(attempt(name)).catch(() => undefined);
            passed.push(name);
          } catch {
            // Refused at once, as it should be.
          }
          setTimeout(resolve, 15);
        }, 0);
      });
    }
    await new Promise((resolve) => setTimeout(resolve, 300));
    const slipped = [document.body, document.querySelector('#styled')].map((element) =>
      element === null ? '' : getComputedStyle(element).getPropertyValue('--slipped'),
    );
    if (slipped.some((value) => value !== '')) marks.push('style');
    return { marks, refused, passed };
  }, evil);
  expect(marks).toEqual([]);
  expect(asked).toEqual([]);
  expect(page.url().split('#')[0]).toBe(at.split('#')[0]);
  expect(page.frames().filter((frame) => frame !== page.mainFrame() && /^(http|app)/.test(frame.url()))).toEqual([]);
  const directives = [
    'script-src-elem',
    'style-src-elem',
    'style-src-attr',
    'img-src',
    'font-src',
    'connect-src',
    'base-uri',
    'form-action',
    'require-trusted-types-for',
    'trusted-types',
  ];
  for (const directive of directives) expect(refused).toContain(directive);
  // What does not throw has to be refused when it is loaded: there is no attempt that nobody looked at.
  expect(passed.length).toBeGreaterThan(20);
  await board.untilShown();
  server.closeAllConnections();
  server.close();
});
