import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writePageList } from '../app/page-list.ts';
import { loadStaticFiles, type StaticFiles } from '../app/static-files.ts';
import { answerAppRequest, APP_ADDRESS, APP_ORIGIN, APP_SCHEME } from './app-protocol.ts';

const SECRET = 'not for the page';
const PAGE = '<meta property="csp-nonce" nonce="__CSP_NONCE__"><p>page</p>';
let folder: string;
let files: StaticFiles;

beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'tenantdesk-app-'));
  const built = path.join(folder, 'renderer');
  mkdirSync(path.join(built, 'assets'), { recursive: true });
  writeFileSync(path.join(built, 'index.html'), PAGE);
  writeFileSync(path.join(built, 'assets/main-AbCd1234.js'), 'export {};');
  writeFileSync(path.join(built, 'assets/main-AbCd1234.js.map'), SECRET);
  writeFileSync(path.join(built, '.env'), SECRET);
  writeFileSync(path.join(folder, 'outside.html'), SECRET);
  symlinkSync(path.join(folder, 'outside.html'), path.join(built, 'link.html'));
  writeFileSync(path.join(built, 'added-AbCd1234.js'), SECRET);
  writePageList(built, ['index.html', 'assets/main-AbCd1234.js', 'assets/main-AbCd1234.js.map']);
  files = loadStaticFiles(built);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const random = (bytes: number): Buffer => Buffer.alloc(bytes, counter++);
let counter = 1;
const ask = (url: string, method = 'GET'): Response => answerAppRequest({ method, url }, { files, random });

describe('the scheme', () => {
  it('has three privileges and no fourth', () => {
    expect(APP_SCHEME).toEqual({ scheme: 'app', privileges: { standard: true, secure: true, corsEnabled: true } });
  });
});

describe('the page', () => {
  it('comes with the policy as a header, which lets it talk to nobody, and a nonce of its own each time', async () => {
    const first = ask(APP_ADDRESS);
    const nonce = Buffer.alloc(16, 1).toString('base64');
    expect(first.status).toBe(200);
    expect(await first.text()).toBe(PAGE.replace('__CSP_NONCE__', nonce));
    expect(first.headers.get('content-security-policy')).toBe(
      [
        "default-src 'none'; script-src 'self'",
        `style-src 'self' 'nonce-${nonce}'`,
        "img-src 'self' data: blob:; font-src 'self'; connect-src 'none'; worker-src 'none'; base-uri 'none'; form-action 'none'",
        "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types default",
      ].join('; '),
    );
    expect(ask(APP_ADDRESS).headers.get('content-security-policy')).not.toContain(nonce);
  });

  it('is never kept, and nothing of it is readable elsewhere', () => {
    for (const url of [APP_ADDRESS, `${APP_ORIGIN}/assets/main-AbCd1234.js`, `${APP_ORIGIN}/no`]) {
      const { headers } = ask(url);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
      expect(headers.get('access-control-allow-origin')).toBeNull();
    }
    expect(ask(APP_ADDRESS).headers.get('cache-control')).toBe('no-store');
  });

  it('consists of what was built', async () => {
    const script = ask(`${APP_ORIGIN}/assets/main-AbCd1234.js?x#y`);
    expect(await script.text()).toBe('export {};');
    expect(script.headers.get('content-type')).toContain('text/javascript');
    const notBuilt = ['/.env', '/link.html', '/added-AbCd1234.js', '/page-files.json', '/assets/main-AbCd1234.js.map'];
    for (const gone of [...notBuilt, '/assets', '/assets/', '//index.html']) {
      expect([gone, ask(APP_ORIGIN + gone).status]).toEqual([gone, 404]);
    }
  });
});

describe('a page that is not as it was built', () => {
  const listed = (): string => path.join(folder, 'renderer/page-files.json');

  it.each([
    ['a changed file', () => writeFileSync(path.join(folder, 'renderer/index.html'), 'evil'), /index\.html is not as/],
    ['a missing file', () => rmSync(path.join(folder, 'renderer/index.html')), /index\.html cannot be read/],
    ['a missing list', () => rmSync(listed()), /page-files\.json cannot be read/],
    ['a list that leads out', () => writeFileSync(listed(), `{"../outside.html":"${'0'.repeat(64)}"}`), /./],
  ])('is not served: %s', (_name, damage, sentence) => {
    damage();
    expect(() => loadStaticFiles(path.join(folder, 'renderer'))).toThrow(sentence);
    writeFileSync(path.join(folder, 'renderer/index.html'), PAGE);
    writePageList(path.join(folder, 'renderer'), ['index.html']);
    expect([...loadStaticFiles(path.join(folder, 'renderer')).keys()]).toEqual(['/index.html']);
  });
});

describe('other requests', () => {
  it.each(['POST', 'PUT', 'HEAD', 'OPTIONS', 'get', ''])('method %j is refused', (method) => {
    expect(ask(APP_ADDRESS, method).status).toBe(405);
  });

  it.each([
    'app://other/index.html',
    'app://console.evil.example/index.html',
    'app://console:80/index.html',
    'app://user@console/index.html',
    'app://:secret@console/index.html',
    'app:console/index.html',
    'app:///index.html',
    'https://console/index.html',
    'file:///index.html',
    'index.html',
    '',
  ])('address %j is refused', (url) => {
    expect(ask(url).status).toBe(404);
  });

  it('never leave the page, whatever the path: 10,000 of them', async () => {
    const steps = ['..', '.', '', '%2e%2e', '%2E.', '.%2e', '..;', '%c0%ae%c0%ae', '%252e%252e', '…', '\0', '%00', '~'];
    const names = [
      'index.html',
      'outside.html',
      'link.html',
      '.env',
      'etc',
      'passwd',
      'assets',
      'main-AbCd1234.js.map',
    ];
    const separators = ['/', '//', '\\', '%2f', '%5c', '%252f', '/./', '\\..\\', '?', '#', ':', '@'];
    const parts = fc.array(
      fc.tuple(
        fc.constantFrom(...separators),
        fc.oneof(fc.constantFrom(...steps, ...names), fc.string({ maxLength: 6 })),
      ),
      { minLength: 1, maxLength: 8 },
    );
    await fc.assert(
      fc.asyncProperty(parts, async (path) => {
        const answer = ask(`${APP_ORIGIN}/${path.flat().join('')}`);
        const text = await answer.text();
        expect(text).not.toContain(SECRET);
        if (answer.status === 200) expect(text === 'export {};' || text.endsWith('<p>page</p>')).toBe(true);
        else expect(answer.status).toBe(404);
      }),
      { numRuns: 10_000 },
    );
  });
});
