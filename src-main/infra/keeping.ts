import type { Cache, CacheKind, Kept } from './cache.ts';
import type { Clock } from './clock.ts';
import { OperatorError } from './operator-error.ts';
import type { RefreshGate } from './refresh-gate.ts';

/** What a feature needs to show its figures also without the platform. */
export interface Keeping {
  /** Of this profile and login; gives nothing back while `access` is waiting or locked. */
  readonly cache: Cache;
  readonly access: KeptAccess;
  readonly gate: RefreshGate;
}

/** live: the database answers. kept: what was kept may be shown. locked: nothing may be shown any longer. waiting: nobody knows yet. */
export interface KeptAccess {
  get(): { readonly state: 'waiting' | 'live' | 'kept' | 'locked' };
  subscribe(hear: () => void): () => void;
}

/** Calls `restore` when what was kept may be shown, `forget` when nothing may any longer; once each time. The answer ends it. */
export function obeyAccess(access: KeptAccess, restore: () => void, forget: () => void): () => void {
  let obeyed = '';
  const obey = (): void => {
    const { state } = access.get();
    if (state === obeyed) return;
    obeyed = state;
    if (state === 'kept') restore();
    if (state === 'locked') forget();
  };
  obey();
  return access.subscribe(obey);
}

/** Between two writes of a value that moves all the time. */
const WRITE_MS = 10_000;

/** Writes a value that changes often: at once after a quiet time, else with a later one, the last of all when it is closed. */
export function createPacedKeeper<T>(cache: Cache, clock: Clock, kind: CacheKind<T>, id: string) {
  let writtenAt = Number.NEGATIVE_INFINITY;
  let pending: Kept<T> | undefined;
  function write(): void {
    if (pending !== undefined) cache.write(kind, id, pending);
    pending = undefined;
  }
  return {
    offer(kept: Kept<T>): void {
      pending = kept;
      const now = clock.now().getTime();
      if (now - writtenAt < WRITE_MS) return;
      writtenAt = now;
      write();
    },
    close: write,
  };
}

/** What `ask` answers, which is kept, or what was kept of an earlier answer when the platform is away. Throws what `ask` throws. */
export async function answerOrKept<T extends { readonly asOf: Date }>(
  cache: Cache,
  kind: CacheKind<T>,
  id: string,
  ask: () => Promise<T>,
): Promise<T> {
  try {
    const value = await ask();
    cache.write(kind, id, { value, asOf: value.asOf });
    return value;
  } catch (error) {
    const kept = error instanceof OperatorError && error.code === 'UNAVAILABLE' ? cache.read(kind, id) : null;
    if (kept === null) throw error;
    return kept.value;
  }
}
