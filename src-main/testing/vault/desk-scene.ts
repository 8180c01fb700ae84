import { randomBytes, randomUUID } from 'node:crypto';
import path from 'node:path';
import { createConsoleDesk, type ConsoleDesk } from '../../app/console-desk.ts';
import type { Workspace } from '../../app/create-workspace.ts';
import type { OpenedProfile } from '../../app/opened-profile.ts';
import { createWorkspacePlace, type WorkspacePlace } from '../../app/workspace-place.ts';
import type { Clock } from '../../infra/clock.ts';
import { createKeptFile } from '../../infra/kept-file.ts';
import { KeychainTrouble, type Keychain } from '../../infra/keychain/keychain.ts';
import { PASSPHRASE_COST } from '../../infra/vault/passphrase-key.ts';
import { createVaultDisk } from '../../infra/vault/vault-disk.ts';
import { createVaultFile } from '../../infra/vault/vault-file.ts';
import { VaultDamaged } from '../../infra/vault/vault-format.ts';
import { createVault, type Vault } from '../../infra/vault/vault.ts';
import { createVaultAccess, type VaultAccess } from '../../vault/vault-access.ts';
import { createFakeLogger } from '../fake-logger.ts';
import { quickPassphraseKey } from './quick-passphrase-key.ts';

/** A console's lock without its platforms: a real vault in a folder, and workspaces that are only counted. */
export interface DeskScene {
  readonly vault: Vault;
  readonly access: VaultAccess;
  readonly desk: ConsoleDesk;
  readonly place: WorkspacePlace;
  /** What was drawn for keys and nonces, in its order. */
  readonly drawn: readonly Buffer[];
  /** What was opened, in its order. */
  readonly opened: readonly OpenedProfile[];
  /** How many workspaces were closed. */
  readonly closed: number;
  /** With a passphrase, or what is given. */
  signIn(keys: Parameters<VaultAccess['setUp']>[0]): Promise<void>;
  unlock(passphrase: string): Promise<void>;
}

/** As a start of the console on that folder. */
export function openDesk({
  folder,
  clock,
  keychain,
  installed = false,
}: {
  folder: string;
  clock: Clock;
  keychain: Keychain;
  /** Without a local platform. */
  installed?: boolean;
}): DeskScene {
  const drawn: Buffer[] = [];
  const opened: OpenedProfile[] = [];
  let closed = 0;
  const draw = (bytes: number): Buffer => {
    const made = randomBytes(bytes);
    drawn.push(made);
    return made;
  };
  const log = createFakeLogger();
  const vault = createVault({
    file: createVaultFile(createVaultDisk(path.join(folder, 'vault'))),
    randomBytes: draw,
    cost: PASSPHRASE_COST,
    passphraseKey: quickPassphraseKey,
  });
  const access = createVaultAccess({
    vault,
    keychain,
    attempts: createKeptFile(path.join(folder, 'attempts.json')),
    clock,
    log,
    newId: randomUUID,
    randomBytes: draw,
    keychainSentence: (error) => (error instanceof KeychainTrouble ? error.message : null),
    isDamage: (error) => error instanceof VaultDamaged,
  });
  const place = createWorkspacePlace();
  const desk = createConsoleDesk({
    local: installed
      ? null
      : {
          profile: { name: 'Local', kind: 'local', colour: 'teal' },
          operator: { login: 'asha', postgresUrl: 'postgres://x', gatewayUrl: 'http://x', gatewayToken: 'x' },
          cacheKey: Buffer.alloc(32),
          keptAs: 'Local',
        },
    vault,
    vaultAccess: access,
    place,
    createWorkspace: (profile) => {
      opened.push(profile);
      return { close: async () => void (closed += 1) } as unknown as Workspace;
    },
    clock,
    log,
  });
  return {
    vault,
    access,
    desk,
    place,
    drawn,
    opened,
    get closed() {
      return closed;
    },
    async signIn(keys) {
      await access.setUp(keys);
      desk.unlocked();
    },
    async unlock(passphrase) {
      await access.unlock({ way: 'passphrase', passphrase });
      desk.unlocked();
    },
  };
}
