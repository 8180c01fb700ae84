import type { ConsoleAccess, ProfileSummary } from '../contract/profiles.ts';
import type { LockReason } from '../contract/vault.ts';
import type { StateFeed } from './state-feed.ts';

/** What is open in front of the operator: a platform, or the lock. */
export interface Desk {
  readonly access: StateFeed<ConsoleAccess>;
  /** Tells anew how everything stands. */
  changed(): void;
  /** Opens that profile. Throws OperatorError NOT_FOUND, or UNAUTHORIZED while the vault is locked. */
  open(id: ProfileSummary['id']): void;
  /**
   * Answers when every connection is closed. False: nothing was locked, because no vault could unlock it again, or, when nobody
   * commanded it, because the vault is not open.
   */
  lock(reason: LockReason): Promise<boolean>;
  /** The vault was opened: what waited behind the lock is opened. */
  unlocked(): void;
  /** When the open platform was locked and unlocked, until `missedSeen`; null: it was not. */
  missed(): { readonly lockedAt: Date; readonly unlockedAt: Date } | null;
  missedSeen(): void;
  /** Somebody is at the window. */
  stay(): void;
  startOver(): Promise<string | null>;
}
