import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { downloadsFolder } from './downloads-folder.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'tenantdesk-home-'));
});
afterEach(() => rmSync(home, { recursive: true }));

function name(line: string): void {
  mkdirSync(path.join(home, '.config'));
  writeFileSync(path.join(home, '.config/user-dirs.dirs'), `# written by xdg-user-dirs\n${line}\n`);
}

it.each([
  ['XDG_DOWNLOAD_DIR="$HOME/Herunterladen"', 'Herunterladen'],
  ['XDG_DESKTOP_DIR="$HOME/Desktop"', ''],
])('takes what the desktop names: %s', (line, folder) => {
  name(line);
  expect(downloadsFolder({}, home)).toBe(path.join(home, folder));
});

it('takes an absolute one as it is', () => {
  name('XDG_DOWNLOAD_DIR="/srv/downloads"');
  expect(downloadsFolder({}, home)).toBe('/srv/downloads');
});

it('else takes Downloads, and without one the home', () => {
  expect(downloadsFolder({}, home)).toBe(home);
  mkdirSync(path.join(home, 'Downloads'));
  expect(downloadsFolder({}, home)).toBe(path.join(home, 'Downloads'));
});
