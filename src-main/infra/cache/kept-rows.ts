import type { Cache } from '../cache.ts';
import type { Logger } from '../logger.ts';
import { fromKeptText, toKeptText } from './kept-text.ts';

/** Rows of text by kind and id, wherever they are. Throws only for mistakes of the program. */
export interface KeptRows {
  /** A sentence when rows were lost or can't be kept; null: nothing happened. */
  readonly trouble: string | null;
  get(kind: string, id: string): KeptRow | undefined;
  put(kind: string, id: string, row: KeptRow): void;
  list(kind: string): { readonly id: string; readonly asOfMs: number }[];
  delete(kind: string, id: string): void;
  close(): void;
}

export interface KeptRow {
  readonly asOfMs: number;
  readonly text: string;
}

/** The cache over such rows: values in and out, each parsed by its kind's schema. */
export function createCacheOf(rows: KeptRows, log: Logger): Cache {
  let dropped: string | null = null;
  return {
    get trouble() {
      return [rows.trouble, dropped].filter((sentence) => sentence !== null).join(' ') || null;
    },
    read(kind, id) {
      const row = rows.get(kind.name, id);
      if (row === undefined) return null;
      const parsed = kind.schema.safeParse(valueOf(row.text));
      if (parsed.success) return { value: parsed.data, asOf: new Date(row.asOfMs) };
      rows.delete(kind.name, id);
      dropped =
        'Some of what was kept for the time without a platform could not be read and was dropped. It is kept again as soon as the platform tells it.';
      log.warn(dropped, { kind: kind.name, id, issue: parsed.error.issues[0]?.path.join('.') ?? '' });
      return null;
    },
    write: (kind, id, { value, asOf }) => rows.put(kind.name, id, { asOfMs: asOf.getTime(), text: toKeptText(value) }),
    list: (kind) => rows.list(kind.name).map(({ id, asOfMs }) => ({ id, asOf: new Date(asOfMs) })),
    remove: (kind, id) => rows.delete(kind.name, id),
    close: () => rows.close(),
  };
}

/** Undefined, which no kind is, for text that is none of ours. */
function valueOf(text: string): unknown {
  try {
    return fromKeptText(text);
  } catch {
    return undefined;
  }
}

/** Rows that last as long as the process. */
export function createMemoryRows(trouble: string | null = null): KeptRows {
  const kinds = new Map<string, Map<string, KeptRow>>();
  return {
    trouble,
    get: (kind, id) => kinds.get(kind)?.get(id),
    put(kind, id, row) {
      const rows = kinds.get(kind) ?? new Map<string, KeptRow>();
      kinds.set(kind, rows.set(id, row));
    },
    list: (kind) =>
      [...(kinds.get(kind) ?? [])]
        .map(([id, { asOfMs }]) => ({ id, asOfMs }))
        .sort((one, other) => (one.id < other.id ? -1 : 1)),
    delete: (kind, id) => void kinds.get(kind)?.delete(id),
    close: () => kinds.clear(),
  };
}
