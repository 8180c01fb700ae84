import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { knownFolders } from './known-folders.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'tenantdesk-home-'));
});
afterEach(() => rmSync(home, { recursive: true }));

const found = (exports?: string) => knownFolders({}, exports, home);

function name(...lines: string[]): void {
  mkdirSync(path.join(home, '.config'));
  writeFileSync(path.join(home, '.config/user-dirs.dirs'), `# written by xdg-user-dirs\n${lines.join('\n')}\n`);
}

it('takes what the desktop names, also an absolute one', () => {
  name('XDG_DOWNLOAD_DIR="$HOME/Herunterladen"', 'XDG_DOCUMENTS_DIR="/srv/documents"');
  expect(found()).toEqual([
    { id: 'downloads', path: path.join(home, 'Herunterladen') },
    { id: 'documents', path: '/srv/documents' },
  ]);
});

it('else takes those with the usual names that are there', () => {
  for (const folder of ['Downloads', 'Desktop']) mkdirSync(path.join(home, folder));
  expect(found()).toEqual([
    { id: 'downloads', path: path.join(home, 'Downloads') },
    { id: 'desktop', path: path.join(home, 'Desktop') },
  ]);
});

it('takes the home where there is none for downloads', () => {
  name('XDG_DESKTOP_DIR="$HOME/Tisch"');
  expect(found()).toEqual([
    { id: 'downloads', path: home },
    { id: 'desktop', path: path.join(home, 'Tisch') },
  ]);
});

it('puts the one of the command line first', () => {
  expect(found('/srv/exports')).toEqual([
    { id: 'exports', path: '/srv/exports' },
    { id: 'downloads', path: home },
  ]);
});
