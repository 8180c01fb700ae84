import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createKeptFile } from '../infra/kept-file.ts';
import { createFakeLogger } from '../testing/fake-logger.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { createHeadMemory, type HeadMemory } from './head-memory.ts';

const TENANT = '5f0c8a52-0000-4000-8000-000000000001';
const HASH = 'ab'.repeat(32);

let folder: string;
let name: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'tenantdesk-heads-'));
  name = path.join(folder, 'kept', 'heads.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

function open(): HeadMemory {
  const clock = createFakeClock();
  return createHeadMemory({
    file: createKeptFile(name),
    profile: 'Test',
    login: 'asha',
    clock,
    log: createFakeLogger(),
  });
}

it('is there again in the next console, readable by this user alone', () => {
  open().remember(new Map([[TENANT, { seq: 9_007_199_254_740_993n, hash: HASH }]]));
  const again = open();
  expect(again.heads.get(TENANT)).toMatchObject({ seq: 9_007_199_254_740_993n, hash: HASH, seenAt: expect.any(Date) });
  expect(again.trouble).toBeNull();
  expect(statSync(name).mode & 0o777).toBe(0o600);
  again.forget(TENANT);
  expect(open().heads.size).toBe(0);
});

it.each([
  ['cut off', '{"version":1,"profile":"Test","lo'],
  ['of another shape', '{"version":1,"profile":"Test","login":"asha","heads":{"x":1}}'],
  ['of a later version', '{"version":2}'],
  ['empty', ''],
])('a file that is %s is set aside, with a word', (_, text) => {
  open().remember(new Map([[TENANT, { seq: 1n, hash: HASH }]]));
  writeFileSync(name, text);
  const again = open();
  expect(again.heads.size).toBe(0);
  expect(again.trouble).toContain('was damaged and set aside');
  expect(readdirSync(path.dirname(name))).toEqual(['heads.json.damaged']);
});

it('that can’t be kept says so, and lasts as long as the console', () => {
  writeFileSync(path.join(folder, 'kept'), 'a file where the folder should be');
  const memory = open();
  memory.remember(new Map([[TENANT, { seq: 1n, hash: HASH }]]));
  expect(memory.heads.size).toBe(1);
  expect(memory.trouble).toContain("can't be kept");
});
