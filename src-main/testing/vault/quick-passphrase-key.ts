import { createHash } from 'node:crypto';
import type { DeriveKey } from '../../infra/vault/passphrase-key.ts';

/** In no time, for tests of what is done with a key: guessing it costs nothing. */
export const quickPassphraseKey: DeriveKey = async (passphrase, { salt }) =>
  createHash('sha256')
    .update(`${salt}/${passphrase.normalize('NFKC')}`)
    .digest();
