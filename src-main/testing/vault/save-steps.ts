/** Saves in a fixed order, so that whoever reads a vault knows which of them it has. */
import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { createVaultDisk, type VaultDisk } from '../../infra/vault/vault-disk.ts';
import { PASSPHRASE_COST, passphraseKey } from '../../infra/vault/passphrase-key.ts';
import { createVaultFile } from '../../infra/vault/vault-file.ts';
import { createVault, type ItemKind, type Vault, type VaultKeys } from '../../infra/vault/vault.ts';

const NOTE: ItemKind<{ secret: string }> = { name: 'note', schema: z.object({ secret: z.string() }) };
/** What no file of a vault may ever show. */
export const SECRET = 'pa$$word-of-the-database';
const VAULT_ID = '00000000-0000-4000-8000-00000000000a';
const NOTES = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'] as const;

export const vaultOn = (disk: VaultDisk): Vault =>
  createVault({ file: createVaultFile(disk), randomBytes, cost: PASSPHRASE_COST, passphraseKey });
export const vaultIn = (folder: string): Vault => vaultOn(createVaultDisk(folder));

/** The step that made the keys that open the vault after `step`. */
export const keysAfter = (step: number): number => step - (step % 6);

/** The key of the keychain that a step made. */
export function keyOf(seed: string, step: number): Buffer {
  return createHash('sha256').update(`${seed}/${step}`).digest();
}
function keysOf(seed: string, step: number): VaultKeys {
  const account = `00000000-0000-4000-9000-${String(step).padStart(12, '0')}`;
  return { keychain: { account, key: keyOf(seed, step) }, passphrase: null };
}

/** Step 0 makes the vault; each sixth is a change of keys, the others save or forget notes. */
export async function takeStep(vault: Vault, seed: string, step: number): Promise<void> {
  if (step === 0) await vault.create(VAULT_ID, keysOf(seed, 0));
  else if (step % 6 === 0) await vault.rekey(keysOf(seed, step));
  else if (step % 6 === 3) vault.remove(NOTES[1]);
  else vault.put(NOTE, NOTES[step % 6 === 2 ? 1 : 0], { secret: secretOf(step) });
}

/** A few bytes to some kilobytes, so that saves take different times. */
function secretOf(step: number): string {
  return `${SECRET} ${step} ${'x'.repeat((step * 997) % 6_000)}`;
}

/** The notes as they must be after a step. */
export function notesAfter(step: number): string[] {
  const mine = lastStep(step, [1, 4, 5]);
  const other = lastStep(step, [2, 3]);
  return [
    ...(mine === undefined ? [] : [secretOf(mine)]),
    ...(other === undefined || other % 6 === 3 ? [] : [secretOf(other)]),
  ].sort();
}
function lastStep(step: number, kinds: readonly number[]): number | undefined {
  for (let at = step; at > 0; at -= 1) if (kinds.includes(at % 6)) return at;
  return undefined;
}

/** The notes of an open vault. */
export const notesIn = (vault: Vault): string[] =>
  vault
    .list(NOTE)
    .map(({ value }) => value.secret)
    .sort();

/** Which of these steps the vault is after, opened with that step's keys; undefined: none of them. */
export function stepOf(vault: Vault, seed: string, steps: readonly number[]): number | undefined {
  return steps.find((step) => {
    vault.lock();
    return (
      vault.unlockByKey(keyOf(seed, keysAfter(step))) &&
      JSON.stringify(notesIn(vault)) === JSON.stringify(notesAfter(step))
    );
  });
}
