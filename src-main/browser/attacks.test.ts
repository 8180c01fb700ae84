/** Attacks on the browser shell from beside it: programs of this machine that speak to its port as they like. The table in README.md names each. */
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PAGE_TEXT, startAttackedShell, statusOf, type AttackedShell } from '../testing/attacked-shell.ts';
import { TOKEN_LIFE_MS } from './session-gate.ts';

let shell: AttackedShell;

beforeEach(async () => {
  shell = await startAttackedShell();
});
afterEach(() => shell.close());

async function restart(): Promise<void> {
  await shell.close();
  shell = await startAttackedShell();
}

describe('without what the one-time address gives', () => {
  it('guessed tokens open nothing and use nothing up', async () => {
    const target = shell.tokenPath();
    const guesses = Array.from({ length: 200 }, () => `/open/${randomBytes(32).toString('base64url')}`);
    guesses.push(
      '/open/',
      '/open',
      `${target}x`,
      target.slice(0, -1),
      target.toUpperCase(),
      `/x/..${target}`,
      `/${target}`,
    );
    for (const guess of guesses) expect([guess, statusOf(await shell.ask({ target: guess }))]).toEqual([guess, 401]);
    expect(statusOf(await shell.ask({ target }))).toBe(303);
  });

  it('a token is good once, and not after its time', async () => {
    const used = shell.tokenPath();
    expect(statusOf(await shell.ask({ target: used }))).toBe(303);
    expect(statusOf(await shell.ask({ target: used }))).toBe(401);
    const late = shell.tokenPath();
    shell.pass(TOKEN_LIFE_MS);
    expect(statusOf(await shell.ask({ target: late }))).toBe(401);
    expect(shell.opened).toEqual(['in time', 'too late']);
  });

  it('what an earlier start gave is worth nothing, also at the same port', async () => {
    const earlier = await shell.openWindow();
    const name = `tenantdesk-${shell.port}`;
    await restart();
    const Cookie = earlier.Cookie.replace(name, `tenantdesk-${shell.port}`);
    expect(statusOf(await shell.ask({ headers: { Cookie } }))).toBe(401);
    expect(await shell.dial(shell.dialling({ ...earlier, Cookie }))).toBe(401);
  });

  it('the cookie alone is not the console: every server of this machine that the browser visits is sent it', async () => {
    const window = await shell.openWindow();
    const other = await shell.openWindow();
    expect(await shell.dial(shell.dialling(window))).toBe(101);
    for (const key of ['', 'null', other.key, window.key.slice(1), `${window.key}, tenantdesk.${other.key}`]) {
      expect([key, await shell.dial(shell.dialling({ ...window, key }))]).toEqual([key, 401]);
    }
    const { 'Sec-WebSocket-Protocol': _none, ...without } = shell.dialling(window);
    expect(await shell.dial(without)).toBe(401);
  });

  it('a cookie of the same name from another server does not lock the operator out', async () => {
    const { Cookie } = await shell.openWindow();
    const tossed = `tenantdesk-${shell.port}=tossed; ${Cookie}; tenantdesk-${shell.port}=again`;
    expect(await shell.ask({ headers: { Cookie: tossed } })).toContain(PAGE_TEXT);
  });
});

describe('with a cookie and a key that are good', () => {
  it.each([
    'localhost',
    'LOCALHOST:PORT',
    '127.1:PORT',
    '0:PORT',
    '2130706433:PORT',
    '0x7f000001:PORT',
    '[::1]:PORT',
    '[::ffff:127.0.0.1]:PORT',
    '127.0.0.1.:PORT',
    '127.0.0.1:PORT.',
    'evil.example:PORT',
    '127.0.0.1:PORT@evil.example',
    '',
  ])('a request to the name "%s" is refused', async (name) => {
    const window = await shell.openWindow();
    const Host = name.replace('PORT', String(shell.port));
    const forwarded = {
      'X-Forwarded-Host': shell.host,
      'X-Original-Host': shell.host,
      Forwarded: `host="${shell.host}"`,
    };
    const answer = await shell.ask({ headers: { Host, Cookie: window.Cookie, ...forwarded } });
    expect([400, 421]).toContain(statusOf(answer));
    expect(answer).not.toContain(PAGE_TEXT);
    expect([400, 421]).toContain(await shell.dial({ ...shell.dialling(window), Host }));
  });

  it('a request of another page is refused by what the browser says of it, also where it names no origin', async () => {
    const window = await shell.openWindow();
    for (const site of ['cross-site', 'same-site', 'nonsense']) {
      const headers = { Cookie: window.Cookie, 'Sec-Fetch-Site': site };
      expect([site, statusOf(await shell.ask({ headers }))]).toEqual([site, 403]);
      expect([site, await shell.dial({ ...shell.dialling(window), 'Sec-Fetch-Site': site })]).toEqual([site, 403]);
    }
    expect(statusOf(await shell.ask({ target: shell.tokenPath(), headers: { 'Sec-Fetch-Site': 'cross-site' } }))).toBe(
      403,
    );
    expect(shell.opened).toEqual(['in time']);
  });

  it.each([
    ['another upgrade', { Upgrade: 'h2c' }, 400],
    ['an old version', { 'Sec-WebSocket-Version': '7' }, 400],
    ['no key of the protocol', { 'Sec-WebSocket-Key': '' }, 400],
    ['no origin', { Origin: '' }, 403],
    ['an opaque origin', { Origin: 'null' }, 403],
    ['our name over TLS', { Origin: 'https://HOST' }, 403],
    ['our address with a path', { Origin: 'http://HOST/' }, 403],
    ['another port', { Origin: 'http://127.0.0.1:1' }, 403],
  ])('a dialling with %s is refused', async (_name, headers: Record<string, string>, status) => {
    const named = Object.entries(headers).map(([name, value]) => [name, value.replace('HOST', shell.host)] as const);
    expect(await shell.dial({ ...shell.dialling(await shell.openWindow()), ...Object.fromEntries(named) })).toBe(
      status,
    );
  });

  it('methods that change, tunnel or echo are refused, whatever a header says', async () => {
    const { Cookie } = await shell.openWindow();
    const methods = ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'M-SEARCH', 'QUERY'];
    for (const method of methods) {
      const answer = await shell.ask({
        method,
        headers: { Cookie, 'X-HTTP-Method-Override': 'GET', 'Content-Length': '0' },
      });
      expect([method, statusOf(answer)]).toEqual([method, 405]);
      expect(answer).not.toContain(Cookie);
    }
    for (const target of ['127.0.0.1:22', shell.host, 'evil.example:443']) {
      expect(await shell.ask({ method: 'CONNECT', target })).toBe('');
    }
    expect(statusOf(await shell.ask({ method: 'BREW', headers: { Cookie } }))).toBe(400);
  });

  it('an absolute address or a form that is no path gives nothing', async () => {
    const { Cookie } = await shell.openWindow();
    const targets = [
      `http://${shell.host}/`,
      'http://evil.example/',
      'file:///etc/passwd',
      '//evil.example/',
      `${shell.host}/`,
      '*',
    ];
    for (const target of targets) {
      const answer = await shell.ask({ target, headers: { Cookie } });
      expect([target, [400, 404].includes(statusOf(answer))]).toEqual([target, true]);
      expect(answer).not.toContain(PAGE_TEXT);
    }
  });

  it('no answer lets another page read it, and none but a hashed file is kept by a cache', async () => {
    const { Cookie } = await shell.openWindow();
    const Origin = 'https://evil.example';
    const preflight = {
      Origin,
      'Access-Control-Request-Method': 'GET',
      'Access-Control-Request-Private-Network': 'true',
    };
    const answers = await Promise.all([
      shell.ask({ headers: { Cookie } }),
      shell.ask({ headers: { Cookie, Origin } }),
      shell.ask({ method: 'OPTIONS', headers: preflight }),
      shell.ask({ target: shell.tokenPath() }),
      shell.ask({ target: '/nothing', headers: { Cookie } }),
      shell.ask(),
    ]);
    for (const answer of answers) {
      expect(answer).not.toMatch(/^access-control-/im);
      expect(answer).toMatch(/^cache-control: no-store\r$/im);
      expect(answer).toMatch(/^cross-origin-resource-policy: same-origin\r$/im);
      expect(answer).toMatch(/^referrer-policy: no-referrer\r$/im);
    }
  });
});
