import { setTimeout as pause } from 'node:timers/promises';
import type { ChargedCap, IngestBatch, LedgerRow, RefusalRow, UnpricedRow } from './ledger-row.ts';

/*
 * Rows on their way to the ledger. A batch goes out every 200 ms or at 2,000 rows, one at a time: a row in a batch of 1,000 costs a quarter of what it costs in one of 100. A batch whose answer doesn't come is
 * sent again as it is: the ledger takes each row once. A batch that PostgreSQL *refuses* is halved until the row it can't take
 * stands alone; that one is set aside (file and alarm), so that it can't keep the others out. Nothing is dropped silently: rows
 * are in the journal until the ledger has them. Refusals and unpriced models are notes, not money: bounded, and let go first.
 */

export interface IngestQueue {
  /** `json`: the row as JSON. `onRecorded` is called once, when the ledger has the row. */
  record(row: LedgerRow, json: string, onRecorded: () => void): void;
  /** False: too many of this tenant in this second, not noted. */
  refusal(row: RefusalRow): boolean;
  unpriced(row: UnpricedRow): void;
  /** True while a batch is under way: figures of the database may or may not contain it. */
  readonly sending: boolean;
  readonly waiting: number;
  /** Milliseconds since the oldest waiting row came. */
  readonly lagMs: number;
  /** Resolves when nothing is waiting any more. */
  flush(): Promise<void>;
  /** Tries to send what is left for so long, then stops: the journal has it. */
  close(patienceMs: number): Promise<void>;
}

export interface IngestPorts {
  /** @throws IngestRefused when the database took offence at a row; anything else: it could not be reached. */
  readonly send: (batch: IngestBatch) => Promise<readonly ChargedCap[]>;
  readonly onCharged: (caps: readonly ChargedCap[]) => void;
  readonly onSetAside: (row: LedgerRow | RefusalRow | UnpricedRow, reason: string) => void;
  readonly onTrouble: (error: unknown) => void;
  readonly monotonic: () => number;
}

/** The database will never take this batch as it is. */
export class IngestRefused extends Error {
  override readonly name = 'IngestRefused';
}

interface Waiting {
  readonly row: LedgerRow;
  readonly json: string;
  readonly onRecorded: () => void;
  readonly since: number;
  recorded: boolean;
}

const BATCH_EVERY_MS = 200;
const BATCH_ROWS = 2_000;
const RETRY_FIRST_MS = 100;
const RETRY_MOST_MS = 1_000;
const REFUSALS_PER_SECOND = 20;
const NOTES_MOST = 10_000;

export function createIngestQueue(ports: IngestPorts): IngestQueue {
  let records: Waiting[] = [];
  let refusals: RefusalRow[] = [];
  let unpriced: UnpricedRow[] = [];
  let timer: NodeJS.Timeout | undefined;
  let sending = false;
  let closed = false;
  let retryMs = RETRY_FIRST_MS;
  let second = 0;
  const refusedThisSecond = new Map<string, number>();
  const idle: (() => void)[] = [];
  const isEmpty = (): boolean => records.length + refusals.length + unpriced.length === 0;

  function schedule(delayMs: number): void {
    if (closed || sending || isEmpty()) return;
    if (timer !== undefined) {
      if (delayMs > 0) return;
      clearTimeout(timer);
    }
    timer = setTimeout(() => {
      timer = undefined;
      void sendNext();
    }, delayMs);
  }

  function added(): void {
    schedule(records.length + refusals.length >= BATCH_ROWS ? 0 : BATCH_EVERY_MS);
  }

  async function sendNext(): Promise<void> {
    if (sending || isEmpty()) return;
    sending = true;
    const batch = records.slice(0, BATCH_ROWS);
    const notes = { refusals: refusals.slice(0, BATCH_ROWS), unpriced: unpriced.slice(0, BATCH_ROWS) };
    const took = await sendAll(batch, notes).catch((error: unknown) => {
      // A row that could not even be set aside (the disk is full) stays.
      ports.onTrouble(error);
      return false;
    });
    sending = false;
    if (took) {
      records = records.slice(batch.length);
      refusals = refusals.slice(notes.refusals.length);
      unpriced = unpriced.slice(notes.unpriced.length);
      retryMs = RETRY_FIRST_MS;
      if (isEmpty()) for (const resolve of idle.splice(0)) resolve();
      else schedule(records.length >= BATCH_ROWS ? 0 : BATCH_EVERY_MS);
    } else {
      schedule(retryMs);
      retryMs = Math.min(RETRY_MOST_MS, retryMs * 2);
    }
  }

  /** True: done with, taken or set aside. False: the database is away, all of it again later. */
  async function sendAll(
    batch: readonly Waiting[],
    notes: Pick<IngestBatch, 'refusals' | 'unpriced'>,
  ): Promise<boolean> {
    try {
      const charged = await ports.send({ records: batch.map(({ json }) => json), ...notes });
      for (const waiting of batch) markRecorded(waiting);
      ports.onCharged(charged);
      return true;
    } catch (error) {
      if (!(error instanceof IngestRefused)) {
        ports.onTrouble(error);
        return false;
      }
      return divide(batch, notes, error.message);
    }
  }

  async function divide(
    batch: readonly Waiting[],
    notes: Pick<IngestBatch, 'refusals' | 'unpriced'>,
    reason: string,
  ): Promise<boolean> {
    if (notes.refusals.length + notes.unpriced.length > 0) {
      if (batch.length > 0) return (await sendAll(batch, { refusals: [], unpriced: [] })) && sendAll([], notes);
      for (const row of [...notes.refusals, ...notes.unpriced]) ports.onSetAside(row, reason);
      return true;
    }
    const [only] = batch;
    if (batch.length === 1 && only !== undefined) {
      ports.onSetAside(only.row, reason);
      markRecorded(only);
      return true;
    }
    const middle = Math.ceil(batch.length / 2);
    const nothing = { refusals: [], unpriced: [] };
    return (await sendAll(batch.slice(0, middle), nothing)) && (await sendAll(batch.slice(middle), nothing));
  }

  /** Once, also when half of a divided batch goes out a second time. */
  function markRecorded(waiting: Waiting): void {
    if (waiting.recorded) return;
    waiting.recorded = true;
    waiting.onRecorded();
  }

  function mayNote(tenantId: string): boolean {
    const now = Math.floor(ports.monotonic() / 1000);
    if (now !== second) {
      second = now;
      refusedThisSecond.clear();
    }
    const count = refusedThisSecond.get(tenantId) ?? 0;
    refusedThisSecond.set(tenantId, count + 1);
    return count < REFUSALS_PER_SECOND && refusals.length < NOTES_MOST;
  }

  function flush(): Promise<void> {
    if (isEmpty() && !sending) return Promise.resolve();
    schedule(0);
    return new Promise((resolve) => {
      idle.push(resolve);
    });
  }

  return {
    record: (row, json, onRecorded) => {
      records.push({ row, json, onRecorded, since: ports.monotonic(), recorded: false });
      added();
    },
    refusal: (row) => {
      if (!mayNote(row.tenant_id)) return false;
      refusals.push(row);
      added();
      return true;
    },
    unpriced: (row) => {
      if (unpriced.length >= NOTES_MOST) return;
      unpriced.push(row);
      added();
    },
    get sending() {
      return sending;
    },
    get waiting() {
      return records.length;
    },
    get lagMs() {
      const [oldest] = records;
      return oldest === undefined ? 0 : ports.monotonic() - oldest.since;
    },
    flush,
    close: async (patienceMs) => {
      await Promise.race([flush(), pause(patienceMs, undefined, { ref: false })]);
      closed = true;
      clearTimeout(timer);
    },
  };
}
