import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPage } from './build-page.ts';

let projectFolder: string;
const said: string[] = [];
const build = (signal?: AbortSignal) => buildPage({ projectFolder, say: (line) => said.push(line), signal });
const write = (name: string, text: string): void => writeFileSync(path.join(projectFolder, name), text);
const builds = (): string[] => readdirSync(path.join(projectFolder, 'out/pages'));

beforeAll(() => {
  projectFolder = mkdtempSync(path.join(os.tmpdir(), 'tenantdesk-build-'));
  for (const folder of ['src-renderer', 'src-main/contract', 'src-main/app']) {
    mkdirSync(path.join(projectFolder, folder), { recursive: true });
  }
  symlinkSync(path.resolve(import.meta.dirname, '../../node_modules'), path.join(projectFolder, 'node_modules'));
  write('package.json', '{"type":"module"}');
  write('package-lock.json', '{}');
  write('src-main/contract/words.ts', `export const word = 'first';`);
  write('src-main/app/page-list.ts', '');
  write('src-renderer/index.html', '<!doctype html><script type="module" src="./main.ts"></script>');
  write('src-renderer/main.ts', `import { word } from '../src-main/contract/words.ts'; document.title = word;`);
  write(
    'electron.vite.config.ts',
    `export default { renderer: { root: 'src-renderer', build: { rollupOptions: { input: 'src-renderer/index.html' } } } };`,
  );
});
afterAll(() => rmSync(projectFolder, { recursive: true, force: true }));

describe('the build of the page', () => {
  it('that is called off leaves nothing behind', async () => {
    const off = new AbortController();
    const building = build(off.signal);
    setTimeout(() => off.abort(), 150);
    await expect(building).rejects.toThrow();
    expect(builds()).toEqual([]);
  });

  it('is made once, also when two start at once', async () => {
    const [one, other] = await Promise.all([build(), build()]);
    expect(one).toBe(other);
    expect(readFileSync(path.join(one, 'index.html'), 'utf8')).toContain('script');
    expect(builds()).toEqual([path.basename(one)]);
    said.length = 0;
    expect(await build()).toBe(one);
    expect(said).toEqual([]);
  });

  it('is made anew when a source changed, not when a test did', async () => {
    const before = await build();
    write('src-renderer/main.test.ts', 'a test');
    expect(await build()).toBe(before);
    write('src-main/contract/words.ts', `export const word = 'second';`);
    const after = await build();
    expect(after).not.toBe(before);
    expect(builds().toSorted()).toEqual([before, after].map((folder) => path.basename(folder)).toSorted());
  });

  it('says what is wrong with the sources', async () => {
    write('src-renderer/main.ts', `import './absent.ts';`);
    await expect(build()).rejects.toThrow(/The page could not be built:\n[^]*absent/);
    expect(builds().filter((name) => name.includes('partial'))).toEqual([]);
  });
});
