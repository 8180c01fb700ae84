import { implement } from '@orpc/server';
import { contract } from '../contract/contract.ts';
import type { Desk } from '../infra/desk.ts';
import { OperatorError } from '../infra/operator-error.ts';
import type { VaultAccess } from './vault-access.ts';

const NO_VAULT = 'There is no vault that could unlock the console again. Set one up first.';

/** `desk`: what opens and closes with the vault. */
export function createVaultHandlers(access: VaultAccess, desk: Desk) {
  const os = implement(contract.vault);
  return {
    keychain: os.keychain.handler(() => access.keychain()),
    setUp: os.setUp.handler(async ({ input }) => {
      await access.setUp(input);
      desk.unlocked();
      return {};
    }),
    unlock: os.unlock.handler(async ({ input }) => {
      try {
        await access.unlock(input);
      } finally {
        desk.changed();
      }
      desk.unlocked();
      return {};
    }),
    setKeys: os.setKeys.handler(async ({ input }) => {
      try {
        await access.setKeys(input);
      } finally {
        desk.changed();
      }
      return {};
    }),
    setIdle: os.setIdle.handler(({ input }) => {
      access.setIdle(input.minutes);
      desk.changed();
      return {};
    }),
    lock: os.lock.handler(async () => {
      if (!(await desk.lock('command'))) throw new OperatorError('CONFLICT', NO_VAULT);
      return {};
    }),
    stay: os.stay.handler(() => {
      desk.stay();
      return {};
    }),
    startOver: os.startOver.handler(async () => ({ movedTo: await desk.startOver() })),
  };
}
