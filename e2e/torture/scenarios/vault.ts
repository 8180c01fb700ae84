import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { damageVault } from '../../../src-main/testing/vault/damage-vault.ts';
import { killSavers } from '../../../src-main/testing/vault/kill-savers.ts';
import { none, type Figures, type Ground } from '../scene.ts';

/** The vault of the operator's own computer: killed while it is saved, damaged, read again. */
export async function vault({ scale, seed, random, say, broken, signal }: Ground): Promise<Figures> {
  const home = mkdtempSync(path.join(os.tmpdir(), 'tenantdesk-vault-'));
  try {
    const damaged = await damageVault({ count: scale.vaultDamages, seed, random, broken });
    say(`${damaged.damages} damages`);
    signal.throwIfAborted();
    const killed = await killSavers({
      rounds: scale.vaultKills,
      folder: path.join(home, 'vault'),
      seed,
      random,
      broken,
      signal,
    });
    return {
      'vault-damages': none(
        damaged.wrong,
        'damages that were not found, or after which a part of a secret came out',
        `${damaged.damages} bytes flipped, cut, put in or zeroed, a third of them with a checksum that fits`,
      ),
      'vault-kills': none(
        killed.wrong,
        'kills after which neither the old nor the new opened, or a secret or an old key was left',
        `${killed.kills} kills, ${killed.saves} saves told as done, ${killed.untold} times the one under way was there, ${killed.leftovers} half files`,
      ),
    };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
