/**
 * What is open in front of the operator.
 *
 *   a platform is open ── command, idle, sleep, locked screen, hours ──▶ locked: vault locked, workspace closed
 *   locked ── vault unlocked ──▶ the profile that was open before is open
 *
 * A console whose last profile is in a locked vault begins locked; every other one begins with the local platform, or with nothing
 * where there is none (an installed one).
 */
import type { ConsoleAccess, ProfileSummary } from '../contract/profiles.ts';
import type { LockReason } from '../contract/vault.ts';
import type { Clock } from '../infra/clock.ts';
import type { Desk } from '../infra/desk.ts';
import { OperatorError } from '../infra/operator-error.ts';
import { postgresUrlOf } from '../infra/postgres/probe-database.ts';
import { createStateFeed } from '../infra/state-feed.ts';
import type { Logger } from '../infra/logger.ts';
import type { Vault } from '../infra/vault/vault.ts';
import { PROFILE_ITEM, summaryOf, type StoredProfile } from '../profiles/stored-profile.ts';
import { createAutoLock } from '../vault/auto-lock.ts';
import type { VaultAccess } from '../vault/vault-access.ts';
import type { Workspace } from './create-workspace.ts';
import type { OpenedProfile } from './opened-profile.ts';
import type { WorkspacePlace } from './workspace-place.ts';

export interface ConsoleDeskParts {
  /** Null: there is no local platform beside this console. */
  readonly local: OpenedProfile | null;
  readonly vault: Vault;
  readonly vaultAccess: VaultAccess;
  readonly place: WorkspacePlace;
  readonly createWorkspace: (profile: OpenedProfile) => Workspace;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface ConsoleDesk extends Desk {
  /** The first thing: the platform that was open last, or the lock before it. */
  begin(): Promise<void>;
  close(): void;
}

const LOCKED = 'The console is locked. Unlock it to go on.';
const NOTHING = 'No platform is connected. Connect yours: ▾ at the top.';
const LOCAL = 'local';

export function createConsoleDesk(parts: ConsoleDeskParts): ConsoleDesk {
  const { vault, vaultAccess, place, clock, log } = parts;
  const localSummary: ProfileSummary | null = parts.local && {
    id: LOCAL,
    name: parts.local.profile.name,
    kind: 'local',
    colour: 'teal',
    label: `${parts.local.operator.login} on this computer`,
    tokenLast4: null,
    weakness: null,
  };
  let current: ProfileSummary | null = null;
  let locked: ConsoleAccess['lock'] = null;
  let workspace = 0;
  let missed: { readonly lockedAt: Date; readonly unlockedAt: Date } | null = null;
  const autoLock = createAutoLock({
    clock,
    idleMs: () => (vaultAccess.state().idleMinutes ?? 0) * 60_000,
    lock: (reason) => void lock(reason).catch((error: unknown) => log.error('The lock failed.', error)),
  });
  const feed = createStateFeed<ConsoleAccess>(now());

  function now(): ConsoleAccess {
    const open = vault.outside().state === 'open';
    return {
      vault: vaultAccess.state(),
      locked: locked !== null,
      lock: locked,
      workspace: locked || current === null ? null : workspace,
      current,
      profiles:
        open || vault.outside().state === 'none'
          ? [
              ...(localSummary ? [localSummary] : []),
              ...(open ? stored().map(({ id, value }) => summaryOf(id, value.target)) : []),
            ]
          : null,
    };
  }
  function changed(): void {
    feed.set(now());
  }
  function stored(): { readonly id: string; readonly value: StoredProfile }[] {
    return vault.list(PROFILE_ITEM);
  }

  function open(id: ProfileSummary['id']): void {
    if (locked) throw new OperatorError('UNAUTHORIZED', LOCKED);
    if (id === LOCAL) showLocal();
    else {
      if (vault.outside().state !== 'open') {
        throw new OperatorError('UNAUTHORIZED', 'Unlock the vault first: the connection is in it.');
      }
      const found = stored().find((item) => item.id === id);
      if (!found) throw new OperatorError('NOT_FOUND', 'There is no such connection; it may have been forgotten.');
      show(summaryOf(id, found.value.target), openedProfile(found.value));
    }
    remember(id);
    autoLock.stay();
    changed();
  }
  function showLocal(): void {
    if (localSummary && parts.local) return show(localSummary, parts.local);
    current = null;
    missed = null;
    place.close(NOTHING).catch((error: unknown) => log.error('Closing a platform failed.', error));
  }
  /** For the next start. A disk that is full keeps nobody out. */
  function remember(id: ProfileSummary['id']): void {
    if (vault.outside().state !== 'open') return;
    try {
      vault.use(id === LOCAL ? null : id);
    } catch (error) {
      log.warn('Which platform was open last could not be kept.', { reason: String(error) });
    }
  }
  function show(summary: ProfileSummary, profile: OpenedProfile): void {
    // Of another platform nothing was missed.
    if (current?.id !== summary.id) missed = null;
    current = summary;
    workspace += 1;
    const made = parts.createWorkspace(profile);
    place
      .open(profile === parts.local ? made : { ...made, close: () => closeFully(made, profile) })
      .catch((error: unknown) => log.error('Closing a platform failed.', error));
  }

  async function lock(reason: LockReason): Promise<boolean> {
    const { state } = vault.outside();
    if (state === 'none' || state === 'damaged') return false;
    // Also where nothing is open: who is just being let in is not.
    vaultAccess.lock();
    if (state === 'locked' && reason !== 'command') return false;
    autoLock.end();
    locked ??= { since: clock.now(), reason };
    const closed = place.close(LOCKED);
    changed();
    await closed;
    return true;
  }

  function unlocked(): void {
    if (vault.outside().state !== 'open') return;
    autoLock.begin();
    if (locked) {
      // What was not told yet is told with it; before a start nobody was here.
      if (locked.reason !== 'start') missed = { lockedAt: missed?.lockedAt ?? locked.since, unlockedAt: clock.now() };
      locked = null;
      const wanted = current?.id ?? vault.outside().lastUsed ?? LOCAL;
      open(wanted === LOCAL || stored().some(({ id }) => id === wanted) ? wanted : LOCAL);
    }
    changed();
  }

  return {
    access: feed,
    changed,
    unlocked,
    async begin() {
      const { state, lastUsed, ways } = vault.outside();
      if (state !== 'locked' || lastUsed === null) return open(LOCAL);
      locked = { since: clock.now(), reason: 'start' };
      await place.close(LOCKED);
      changed();
      // Whoever is signed in to this computer need not type: the keychain is asked, and the lock waits for its answer.
      if (ways.includes('keychain')) {
        vaultAccess.unlock({ way: 'keychain' }).then(unlocked, (error: unknown) => {
          log.warn('The keychain did not open the vault.', { reason: error instanceof Error ? error.message : '' });
          changed();
        });
        changed();
      }
    },
    open,
    lock,
    missed: () => missed,
    missedSeen() {
      missed = null;
    },
    stay: () => autoLock.stay(),
    async startOver() {
      autoLock.end();
      const aside = vaultAccess.startOver();
      locked = null;
      open(LOCAL);
      return aside;
    },
    close() {
      autoLock.end();
      vaultAccess.lock();
      feed.close();
    },
  };
}

/** What was kept encrypted is closed by then; its key goes too. */
async function closeFully(workspace: Workspace, { cacheKey }: OpenedProfile): Promise<void> {
  try {
    await workspace.close();
  } finally {
    cacheKey.fill(0);
  }
}

function openedProfile({ target, cacheKey, keptAs }: StoredProfile): OpenedProfile {
  const { database, gateway, name, colour } = target;
  const { direct } = database;
  return {
    profile: { name, kind: 'remote', colour },
    operator: {
      login: database.login,
      postgresUrl: postgresUrlOf(database),
      ...(direct === null ? {} : { postgresDirectUrl: postgresUrlOf({ ...database, ...direct }) }),
      postgresTls: database,
      gatewayUrl: gateway.url,
      gatewayToken: gateway.token,
      gatewayTls: gateway,
    },
    cacheKey: Buffer.from(cacheKey, 'base64'),
    keptAs: keptAs ?? name,
  };
}
