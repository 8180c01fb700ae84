/** When an open vault is locked by itself. */
import type { LockReason } from '../contract/vault.ts';
import type { Clock } from '../infra/clock.ts';

export interface AutoLock {
  /** Somebody opened the vault. */
  begin(): void;
  /** Somebody is at the window. */
  stay(): void;
  end(): void;
}

export interface AutoLockParts {
  readonly clock: Clock;
  /** So long nobody may be at the window. */
  readonly idleMs: () => number;
  readonly lock: (reason: LockReason) => void;
}

const LOOK_MS = 5_000;
/** Two looks so far apart by the clock on the wall: the computer slept in between, whoever may have opened its lid. */
const SLEPT_MS = 30_000;
/** After which even somebody who works at the window proves again who they are. */
const LONG_MS = 8 * 3_600_000;

/**
 * Looks every five seconds, because a timer of hours stands still while the computer sleeps. What has passed is what the clock on the
 * wall says, or what the looks themselves took where somebody set that clock back.
 */
export function createAutoLock({ clock, idleMs, lock }: AutoLockParts): AutoLock {
  let openFor = 0;
  let idleFor = 0;
  let stop: (() => void) | undefined;

  function end(): void {
    stop?.();
    stop = undefined;
  }
  function begin(): void {
    end();
    openFor = 0;
    idleFor = 0;
    let lookedAt = clock.now().getTime();
    stop = clock.every(LOOK_MS, () => {
      const now = clock.now().getTime();
      const passed = Math.max(LOOK_MS, now - lookedAt);
      lookedAt = now;
      openFor += passed;
      idleFor += passed;
      if (passed >= SLEPT_MS) lock('sleep');
      else if (idleFor >= idleMs()) lock('idle');
      else if (openFor >= LONG_MS) lock('long');
    });
  }
  return {
    begin,
    stay() {
      idleFor = 0;
    },
    end,
  };
}
