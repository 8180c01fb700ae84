import { readdirSync, statfsSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Policy } from '../policy/policy.ts';

/** How the gateway's parts are, for /healthz and /readyz. */
export interface Readiness {
  /** Empty: calls may be sent here; else a sentence for each thing that is missing. */
  readonly missing: readonly string[];
  readonly draining: boolean;
  readonly parts: {
    /** away: calls go on from grants held, for ten minutes at most. */
    readonly postgresql: 'ok' | 'away';
    /** away: gauges and rate windows are this gateway's own; no call is refused for it. */
    readonly redis: 'ok' | 'away';
    /** failing: its disk takes nothing. */
    readonly journal: 'ok' | 'failing';
    readonly prices: 'ok' | 'none';
  };
}

export interface ReadinessPorts {
  readonly draining: boolean;
  readonly postgresql: boolean;
  readonly redis: boolean;
  /** False: the policy is too old to decide by. */
  readonly policyUsable: boolean;
  readonly journalWritable: boolean;
  readonly policy: Policy;
}

export function readinessOf(ports: ReadinessPorts): Readiness {
  const prices = [...ports.policy.prices.all()].some(({ provider }) => ports.policy.providers.has(provider));
  const missing: string[] = [];
  if (ports.draining) missing.push('draining: this gateway is stopping and takes no new connections soon');
  if (!ports.policyUsable) missing.push('policy is too old: the database has been away too long');
  if (!ports.journalWritable) missing.push('the journal cannot be written: is the disk full?');
  if (!prices) {
    missing.push(
      'no model has a price with a registered provider: npm run platform:prices, npm run platform:providers',
    );
  }
  return {
    missing,
    draining: ports.draining,
    parts: {
      postgresql: ports.postgresql ? 'ok' : 'away',
      redis: ports.redis ? 'ok' : 'away',
      journal: ports.journalWritable ? 'ok' : 'failing',
      prices: prices ? 'ok' : 'none',
    },
  };
}

/** Bytes that are free for this process; undefined: the folder can't be looked at. */
function roomOf(folder: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}

/** The journal as it lies on the disk. */
export interface JournalOnDisk {
  readonly files: number;
  readonly bytes: number;
  /** Milliseconds from the beginning of the oldest file to the last line of the newest; 0: there is but the one in use. */
  readonly oldestMs: number;
  /** Undefined: not known. */
  readonly roomBytes: number | undefined;
}

/** Ages are told by the files' own dates: no clock is asked. */
export function journalOnDisk(folder: string): JournalOnDisk {
  let bytes = 0;
  let files = 0;
  let oldest = 0;
  let newest = 0;
  for (const name of readdirSync(folder).toSorted()) {
    const stat = statSync(path.join(folder, name), { throwIfNoEntry: false });
    if (stat === undefined) continue;
    if (files === 0) oldest = stat.birthtimeMs;
    files += 1;
    bytes += stat.size;
    newest = Math.max(newest, stat.mtimeMs);
  }
  return { files, bytes, oldestMs: files > 1 ? Math.max(0, newest - oldest) : 0, roomBytes: roomOf(folder) };
}
