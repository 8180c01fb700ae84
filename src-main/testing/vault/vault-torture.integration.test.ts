/** Short forms of `npm run torture -- --only vault`. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { seededRandom } from '../../../src-platform/local/seeded-random.ts';
import { damageVault } from './damage-vault.ts';
import { killSavers } from './kill-savers.ts';

const KILLS = 6;
const DAMAGES = 300;

let home: string;
let said: string[];
beforeEach(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'tenantdesk-kills-'));
  said = [];
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

it(`kill -9 while it is saved, ${KILLS} times: the old or the new opens`, async () => {
  const seed = String(Date.now());
  const figures = await killSavers({
    rounds: KILLS,
    folder: path.join(home, 'vault'),
    seed,
    random: seededRandom(seed),
    broken: (sentence) => said.push(sentence),
  });
  expect(said, `seed ${seed}`).toEqual([]);
  expect(figures).toMatchObject({ kills: KILLS, wrong: 0 });
  expect(figures.saves).toBeGreaterThan(0);
});

it(`${DAMAGES} damages of all kinds are found, and never a part of a secret comes out`, async () => {
  const seed = String(Date.now());
  const figures = await damageVault({
    count: DAMAGES,
    seed,
    random: seededRandom(seed),
    broken: (sentence) => said.push(sentence),
  });
  expect(said, `seed ${seed}`).toEqual([]);
  expect(figures).toEqual({ damages: DAMAGES, wrong: 0 });
});
