import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { chooseDataFolder, DataFolderBusyError, defaultDataFolder, takeDataFolder } from './data-folder.ts';
import { identifyProcess, isRunning } from './process-identity.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'td-folder-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

test('the folder of the user, by the rules of each system', () => {
  expect(defaultDataFolder({ XDG_DATA_HOME: '/data' }, 'linux')).toBe('/data/tenantdesk/platform');
  expect(defaultDataFolder({ XDG_DATA_HOME: 'relative' }, 'linux')).toBe(
    path.join(os.homedir(), '.local/share/tenantdesk/platform'),
  );
  expect(defaultDataFolder({}, 'darwin')).toContain('Library/Application Support/TenantDesk');
});

test('a folder in use is refused with a sentence that names the other process', () => {
  const folder = path.join(home, 'platform');
  const first = takeDataFolder(folder);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(() => takeDataFolder(folder)).toThrow(DataFolderBusyError);
  expect(() => takeDataFolder(folder)).toThrow(String(process.pid));
  first.release();
  takeDataFolder(folder).release();
});

test('a folder that cannot be made is refused with a sentence', () => {
  const file = path.join(home, 'file');
  writeFileSync(file, '');
  expect(() => takeDataFolder(file)).toThrow(/can't be made.*--data/);
  expect(() => takeDataFolder(path.join(file, 'inside'))).toThrow(/can't be made/);
  if (process.platform === 'linux') expect(() => takeDataFolder('/proc/nowhere')).toThrow(/can't be made/);
});

test('two at once get folders of their own, and the first free one again later', () => {
  const folder = path.join(home, 'platform');
  const first = chooseDataFolder(folder);
  const second = chooseDataFolder(folder);
  expect([first.path, second.path]).toEqual([folder, `${folder}-2`]);
  first.release();
  const third = chooseDataFolder(folder);
  expect(third.path).toBe(folder);
  third.release();
  second.release();
});

test.each([
  ['a process that has ended', JSON.stringify({ pid: 2 ** 22 - 1, startedAt: 'x' })],
  ['an earlier process with our number', JSON.stringify({ pid: process.pid, startedAt: 'another boot:1' })],
  ['nobody: damaged', '{"pid":'],
])('a lock left by %s is taken over', (_, content) => {
  const folder = path.join(home, 'platform');
  takeDataFolder(folder).release();
  writeFileSync(path.join(folder, 'platform.lock'), content);
  takeDataFolder(folder).release();
});

test('a process is told apart from a later one with its number', () => {
  const me = identifyProcess(process.pid);
  expect(isRunning(me)).toBe(true);
  expect(isRunning({ ...me, startedAt: 'another boot:1' })).toBe(process.platform !== 'linux');
});
