import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { ownName, removeLeftovers } from './leftovers.ts';

it('removes what a process left that is gone, and nothing else', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'tenantdesk-leftovers-'));
  const gone = spawnSync('true').pid;
  const kept = [`${ownName('window-')}a`, `other-${gone}-a`, 'window-', `window-${gone}`, 'window-x-a'];
  for (const name of [...kept, `window-${gone}-a`]) mkdirSync(path.join(folder, name));
  removeLeftovers(folder, 'window-');
  expect(readdirSync(folder).toSorted()).toEqual(kept.toSorted());
  removeLeftovers(path.join(folder, 'absent'), 'window-');
  rmSync(folder, { recursive: true });
});
