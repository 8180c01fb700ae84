import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createExportFolder } from './export-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'tenantdesk-exports-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('has its name when it is whole, not before; a name that is taken gets a number', async () => {
  writeFileSync(path.join(folder, 'a.csv'), 'of somebody else');
  const exports = createExportFolder(folder);
  for (const wanted of ['a (2).csv', 'a (3).csv']) {
    const file = await exports.create('a.csv');
    await file.write('one ');
    await file.write(Buffer.from('₹'));
    const sealed = await file.seal();
    expect(readdirSync(folder)).not.toContain(wanted);
    expect(await file.finish()).toBe(sealed);
    expect(path.basename(file.path)).toBe(wanted);
    expect(readFileSync(file.path, 'utf8')).toBe('one ₹');
    expect(file.bytes).toBe(7);
    expect(statSync(file.path).mode & 0o777).toBe(0o600);
  }
  expect(readdirSync(folder).toSorted()).toEqual(['a (2).csv', 'a (3).csv', 'a.csv']);
  expect(readFileSync(path.join(folder, 'a.csv'), 'utf8')).toBe('of somebody else');
});

it('two at the same time never take one name', async () => {
  const shared = createExportFolder(folder);
  const many = await Promise.all(Array.from({ length: 20 }, () => shared.create('b.pdf')));
  await Promise.all(many.map((file) => file.write('x')));
  await Promise.all(many.map((file) => file.finish()));
  expect(new Set(many.map((file) => file.path)).size).toBe(20);
  expect(readdirSync(folder)).toHaveLength(20);
});

it('leaves nothing when it is discarded, before or after it has its name', async () => {
  const exports = createExportFolder(folder);
  const early = await exports.create('a.csv');
  await early.write('x');
  await early.discard();
  const late = await exports.create('a.csv');
  await late.finish();
  await late.discard();
  expect(readdirSync(folder)).toEqual([]);
});

it.runIf(process.platform === 'linux')('says that the disk is full', async () => {
  // The unfinished file is the kernel's own full disk.
  symlinkSync('/dev/full', path.join(folder, `a.csv.part-${process.pid}-1`));
  const file = await createExportFolder(folder).create('a.csv');
  await expect(file.write('x')).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringMatching(/a\.csv: the disk is full\. Make room/),
  });
  await file.discard();
  expect(readdirSync(folder)).toEqual([]);
});

it('says that there is no folder to write to', async () => {
  writeFileSync(path.join(folder, 'file'), '');
  await expect(createExportFolder(path.join(folder, 'file', 'deeper')).create('a.csv')).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringContaining('a part of that path is a file'),
  });
});
