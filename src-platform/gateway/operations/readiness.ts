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
    readonly journal: 'ok' | 'failing' | 'no_room';
    readonly prices: 'ok' | 'none';
  };
}

export interface ReadinessPorts {
  readonly draining: boolean;
  readonly postgresql: boolean;
  readonly redis: boolean;
  /** False: the policy is too old to decide by. */
  readonly policyUsable: boolean;
  readonly journalFolder: string;
  /** Milliseconds since the journal could not be written; undefined: it always could. */
  readonly journalTroubleMs: number | undefined;
  readonly policy: Policy;
}

/** A disk with less than this is full before anybody is told. */
const LEAST_ROOM_BYTES = 32 * 1024 * 1024;
const TROUBLE_STANDS_MS = 10_000;

export function readinessOf(ports: ReadinessPorts): Readiness {
  const journal = journalState(ports);
  const prices = [...ports.policy.prices.all()].some(({ provider }) => ports.policy.providers.has(provider));
  const missing: string[] = [];
  if (ports.draining) missing.push('draining: this gateway is stopping and takes no new connections soon');
  if (!ports.policyUsable) missing.push('policy is too old: the database has been away too long');
  if (journal === 'failing') missing.push("the journal can't be written: look at the disk of TENANTDESK_GATEWAY_DATA");
  if (journal === 'no_room') missing.push('the disk of TENANTDESK_GATEWAY_DATA has less than 32 MB left');
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
      journal,
      prices: prices ? 'ok' : 'none',
    },
  };
}

function journalState({ journalFolder, journalTroubleMs }: ReadinessPorts): Readiness['parts']['journal'] {
  if (journalTroubleMs !== undefined && journalTroubleMs < TROUBLE_STANDS_MS) return 'failing';
  const room = roomOf(journalFolder);
  if (room === undefined) return 'failing';
  return room < LEAST_ROOM_BYTES ? 'no_room' : 'ok';
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
