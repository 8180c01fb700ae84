/**
 * The composition root of the console's main side: ports in, router out. A shell serves the router; it needs nothing else.
 * The console is there as long as its window; a workspace is there while a platform is open.
 */
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { ConsoleAccess } from '../contract/profiles.ts';
import { KeychainTrouble, type Keychain } from '../infra/keychain/keychain.ts';
import { loadEncryptedCache } from '../infra/cache/encrypted-cache.ts';
import { createExportFolder } from '../infra/export-file.ts';
import { createKeptFile } from '../infra/kept-file.ts';
import { keptKey } from '../infra/kept-key.ts';
import { PASSPHRASE_COST, passphraseKey } from '../infra/vault/passphrase-key.ts';
import { VaultDamaged } from '../infra/vault/vault-format.ts';
import { createVaultDisk } from '../infra/vault/vault-disk.ts';
import { createVaultFile } from '../infra/vault/vault-file.ts';
import { createVault } from '../infra/vault/vault.ts';
import type { StateFeed } from '../infra/state-feed.ts';
import { createProfilesService } from '../profiles/profiles-service.ts';
import { createPulse } from '../session/pulse.ts';
import { createWelcomeNote } from '../session/welcome-note.ts';
import { createShellService, type ShellAbilities, type ShellService } from '../shell/shell-service.ts';
import { createVaultAccess } from '../vault/vault-access.ts';
import { createCloser } from './closer.ts';
import { createConsoleDesk } from './console-desk.ts';
import { createConsoleRouter, type ConsoleRouter } from './console-router.ts';
import { createWorkspace, type WorkspacePorts } from './create-workspace.ts';
import type { OpenedProfile } from './opened-profile.ts';
import { createPlatformProbe } from './platform-probe.ts';
import { createWorkspacePlace } from './workspace-place.ts';

export interface ConsolePorts extends WorkspacePorts {
  /** Opened with nothing to type. The key of its cache is kept in the data folder. Null: there is none, as in an installed console. */
  readonly local: Omit<OpenedProfile, 'cacheKey' | 'keptAs'> | null;
  /** The operating system's; never asked before the operator or an existing vault wants it. */
  readonly keychain: Keychain;
  /** What the shell can do besides showing the window. */
  readonly abilities: ShellAbilities;
  /** Begins with the local platform whatever was open last. */
  readonly beginsLocal?: boolean;
}

export interface Console {
  readonly router: ConsoleRouter;
  /** What the user set for the program around the window, and what it wants of the window. */
  readonly shell: ShellService;
  /** Which platform is open, or the lock: for what a shell shows outside the window. */
  readonly access: StateFeed<ConsoleAccess>;
  /**
   * For a shell to tell that the computer goes to sleep or its screen was locked, or to pass on a command from outside the window.
   * Answers when every connection is closed. False: nothing was locked, because no vault could unlock it again, or, when nobody
   * commanded it, because the vault is not open. Asked again, it does nothing more.
   */
  lock(reason: 'sleep' | 'screen' | 'command'): Promise<boolean>;
  /** Ends the streams and connections. */
  close(): Promise<void>;
}

/** Never fails because a platform is away: that is a state, and the window shows it. */
export async function createConsole(ports: ConsolePorts): Promise<Console> {
  const { clock, log, randomBytes, dataFolder, keychain } = ports;
  const closer = createCloser(log);
  const pulse = createPulse(clock);
  closer.add('pulse', () => pulse.close());
  closer.add('printer', () => ports.printer.close());
  const welcome = createWelcomeNote(createKeptFile(path.join(dataFolder, 'welcome.json')), () => clock.now(), log);
  const shell = createShellService({
    abilities: ports.abilities,
    file: createKeptFile(path.join(dataFolder, 'shell-settings.json')),
    log,
  });
  closer.add('shell', () => shell.close());
  const place = createWorkspacePlace();
  closer.add('workspace', () => place.close('The console is closing.'));
  const vault = createVault({
    file: createVaultFile(createVaultDisk(path.join(dataFolder, 'vault'))),
    randomBytes,
    cost: PASSPHRASE_COST,
    passphraseKey,
  });
  const vaultAccess = createVaultAccess({
    vault,
    keychain,
    attempts: createKeptFile(path.join(dataFolder, 'vault-attempts.json')),
    clock,
    log,
    newId: randomUUID,
    randomBytes,
    keychainSentence: (error) => (error instanceof KeychainTrouble ? error.message : null),
    isDamage: (error) => error instanceof VaultDamaged,
  });
  const cacheKey = keptKey(createKeptFile(path.join(dataFolder, 'local-cache.key')), randomBytes);
  const openCache = await loadEncryptedCache();
  const desk = createConsoleDesk({
    local: ports.local && { ...ports.local, cacheKey, keptAs: ports.local.profile.name },
    vault,
    vaultAccess,
    place,
    createWorkspace: (profile) => createWorkspace(profile, ports, openCache),
    clock,
    log,
  });
  closer.add('desk', () => desk.close());
  if (ports.beginsLocal) desk.open('local');
  else await desk.begin();
  const profiles = createProfilesService({
    vault,
    probe: createPlatformProbe(ports.schema),
    version: ports.version,
    desk,
    exports: createExportFolder(ports.exportFolder),
    newId: randomUUID,
    randomBytes,
    secrets: ports.secrets,
    takenNames: ports.local ? [ports.local.profile.name] : [],
  });
  const router = createConsoleRouter({
    log,
    secrets: ports.secrets,
    pulse,
    now: () => clock.now(),
    welcome,
    shell,
    workspace: () => place.find(),
    vaultAccess,
    profiles,
    desk,
  });
  return { router, shell, access: desk.access, lock: (reason) => desk.lock(reason), close: () => closer.close() };
}
