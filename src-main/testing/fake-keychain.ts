import type { Keychain } from '../infra/keychain/keychain.ts';

/** A keychain that keeps what it is given until it is gone itself. */
export function createFakeKeychain(kept = new Map<string, Buffer>()): Keychain {
  return {
    async get(vaultId) {
      const key = kept.get(vaultId);
      return key === undefined ? null : Buffer.from(key);
    },
    async keep(vaultId, key) {
      kept.set(vaultId, Buffer.from(key));
    },
    async forget(vaultId) {
      kept.delete(vaultId);
    },
  };
}
