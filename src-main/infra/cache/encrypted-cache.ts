/**
 * The cache in one SQLCipher file: every page encrypted and authenticated (AES-256, HMAC-SHA-512) under a raw key, so that a
 * changed byte is damage and never a wrong value. A damaged file, or one of another key, is renamed aside and made anew.
 */
import { closeSync, fstatSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Database } from 'better-sqlite3-multiple-ciphers';
import type { Cache } from '../cache.ts';
import type { Logger } from '../logger.ts';
import { createCacheOf, createMemoryRows, type KeptRow, type KeptRows } from './kept-rows.ts';

export interface EncryptedCacheOptions {
  /** Its folder is made when it is missing; both are this user's alone. */
  readonly file: string;
  /** 32 random bytes. */
  readonly key: Buffer;
  readonly log: Logger;
}

/** Opens a file, or makes it; throws SqliteError. */
type Driver = new (file: string, options: { readonly timeout: number }) => Database;

const KEY_BYTES = 32;
const PAGE_BYTES = 4096;
/** Raised when the table changes; a file of another number is set aside. */
const FORMAT = 1;
/** Another console on the same file writes for milliseconds; main waits for no longer than this. */
const BUSY_MS = 250;

/** @throws RangeError for a key of another length; the state of the disk is told in `trouble` */
export type OpenCache = (options: EncryptedCacheOptions) => Cache;

/** Loads SQLCipher, whose native part is missing where the machine is none of its eight: caches then last as long as the console. */
export async function loadEncryptedCache(): Promise<OpenCache> {
  try {
    const { default: Driver } = await import('better-sqlite3-multiple-ciphers');
    return (options) => open(options, () => createEncryptedRows(Driver, options));
  } catch (error) {
    return (options) =>
      open(options, () => {
        throw error;
      });
  }
}

function open({ file, key, log }: EncryptedCacheOptions, openRows: () => KeptRows): Cache {
  if (key.length !== KEY_BYTES) throw new RangeError(`The key of a cache has ${KEY_BYTES} bytes, not ${key.length}.`);
  try {
    return createCacheOf(openRows(), log);
  } catch (error) {
    const trouble = unkept(file, error);
    log.error(trouble, error);
    return createCacheOf(createMemoryRows(trouble), log);
  }
}

/** @throws when the file can be neither opened nor made */
function createEncryptedRows(Driver: Driver, { file, key, log }: EncryptedCacheOptions): KeptRows {
  let lost: string | null = null;
  let unwritten: string | null = null;
  /** What the disk did not take; read before the file. */
  const unkeptRows = createMemoryRows();
  let table = openTable(Driver, file, key);
  if (table === 'damaged') table = renew();
  let current = table;

  function renew(): Table {
    rmSync(`${file}-journal`, { force: true });
    const aside = `${file}.damaged`;
    renameSync(file, aside);
    lost = `What was kept for the time without a platform was damaged and set aside as ${aside}. It is kept anew as the platform tells it.`;
    log.warn(lost);
    const fresh = openTable(Driver, file, key);
    if (fresh === 'damaged') throw new Error('a new file can’t be read either');
    return fresh;
  }

  /** Runs `work`, once more on a new file when this one is damaged. Undefined: the disk refuses. */
  function guarded<T>(work: (table: Table) => T): { readonly done: T } | undefined {
    try {
      try {
        return { done: work(current) };
      } catch (error) {
        if (!isDamage(error)) throw error;
        current.close();
        current = renew();
        return { done: work(current) };
      }
    } catch (error) {
      const sentence = unkept(file, error);
      if (unwritten !== sentence) log.warn(sentence);
      unwritten = sentence;
      return undefined;
    }
  }

  return {
    get trouble() {
      return [lost, unwritten].filter((sentence) => sentence !== null).join(' ') || null;
    },
    get: (kind, id) => unkeptRows.get(kind, id) ?? guarded((at) => at.get(kind, id))?.done,
    put(kind, id, row) {
      if (guarded((at) => at.put(kind, id, row)) === undefined) return unkeptRows.put(kind, id, row);
      unkeptRows.delete(kind, id);
      unwritten = null;
    },
    list(kind) {
      const rows = new Map((guarded((at) => at.list(kind))?.done ?? []).map((row) => [row.id, row]));
      for (const row of unkeptRows.list(kind)) rows.set(row.id, row);
      return [...rows.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
    },
    delete(kind, id) {
      unkeptRows.delete(kind, id);
      guarded((at) => at.delete(kind, id));
    },
    close() {
      unkeptRows.close();
      current.close();
    },
  };
}

/** The statements on an open file; all throw SqliteError. */
interface Table {
  get(kind: string, id: string): KeptRow | undefined;
  put(kind: string, id: string, row: KeptRow): void;
  list(kind: string): { readonly id: string; readonly asOfMs: number }[];
  delete(kind: string, id: string): void;
  close(): void;
}

function openTable(Driver: Driver, file: string, key: Buffer): Table | 'damaged' {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  // SQLite gives its journal the mode of the file, and a new file the mode of the umask.
  const handle = openSync(file, 'a', 0o600);
  const { size } = fstatSync(handle);
  closeSync(handle);
  // SQLite takes less than a page for an empty database and would write over it.
  if (size > 0 && size < PAGE_BYTES) return 'damaged';
  const database = new Driver(file, { timeout: BUSY_MS });
  try {
    database.pragma(`cipher = 'sqlcipher'`);
    database.pragma('legacy = 4');
    const raw = Buffer.from(`x'${key.toString('hex')}'`);
    database.key(raw);
    raw.fill(0);
    // Nothing beside the file but the journal, which is encrypted too: no temporary file, no shared memory.
    database.pragma('temp_store = MEMORY');
    database.pragma('journal_mode = DELETE');
    database.pragma('synchronous = NORMAL');
    const format = database.pragma('user_version', { simple: true });
    if (format === 0) {
      database.exec(
        `begin immediate;
         create table if not exists kept (
           kind text not null, id text not null, as_of integer not null, value text not null, primary key (kind, id)
         ) strict;
         pragma user_version = ${FORMAT};
         commit`,
      );
    } else if (format !== FORMAT) {
      throw new DamagedCache(`its format is ${String(format)}`);
    }
    // Reads every page: damage is found now, not in the middle of a day without a platform.
    const verdict = database.pragma('quick_check(1)', { simple: true });
    if (verdict !== 'ok') throw new DamagedCache(String(verdict));
    return createTable(database);
  } catch (error) {
    database.close();
    if (isDamage(error)) return 'damaged';
    throw error;
  }
}

function createTable(database: Database): Table {
  const get = database.prepare<[string, string], KeptRow>(
    'select as_of as asOfMs, value as text from kept where kind = ? and id = ?',
  );
  const put = database.prepare<[string, string, number, string]>(
    'insert or replace into kept (kind, id, as_of, value) values (?, ?, ?, ?)',
  );
  const list = database.prepare<[string], { id: string; asOfMs: number }>(
    'select id, as_of as asOfMs from kept where kind = ? order by id',
  );
  const remove = database.prepare<[string, string]>('delete from kept where kind = ? and id = ?');
  return {
    get: (kind, id) => get.get(kind, id),
    put: (kind, id, { asOfMs, text }) => void put.run(kind, id, asOfMs, text),
    list: (kind) => list.all(kind),
    delete: (kind, id) => void remove.run(kind, id),
    close: () => void database.close(),
  };
}

class DamagedCache extends Error {
  override readonly name = 'DamagedCache';
}

/** NOTADB: the first page is not of this key. CORRUPT and IOERR_DATA-like codes: a page is not what was written. */
function isDamage(error: unknown): boolean {
  if (error instanceof DamagedCache) return true;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^SQLITE_(NOTADB|CORRUPT|IOERR_(DATA|SHORT_READ|CORRUPTFS)|ERROR$|SCHEMA$)/.test(code);
}

function unkept(file: string, error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  return `What the console keeps for the time without a platform can't be kept in ${file}: ${reason}. It lasts until the console is closed.`;
}
