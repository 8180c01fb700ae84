/**
 * Exports that the platform's audit log does not have yet: made while it was away, or told to it without an answer. They are kept before the
 * files get their names, and told when the platform is there, each under its own key, so that it has one entry however often it is told.
 */
import { z } from 'zod';
import type { LinkState } from '../contract/session.ts';
import type { Cache, CacheKind } from '../infra/cache.ts';
import type { Clock } from '../infra/clock.ts';
import type { Logger } from '../infra/logger.ts';
import { OperatorError } from '../infra/operator-error.ts';
import { createStateFeed, type StateFeed } from '../infra/state-feed.ts';
import type { ReportsRepository } from './reports-repository.ts';

export const exportNote = z.object({
  tenantId: z.uuid(),
  month: z.string(),
  source: z.enum(['platform', 'kept']),
  /** Of the figures. */
  asOf: z.date(),
  files: z.array(z.object({ format: z.enum(['pdf', 'csv']), bytes: z.int(), sha256: z.string() })),
});
export type ExportNote = z.infer<typeof exportNote>;

const WAITING: CacheKind<{ note: ExportNote; madeAt: Date }> = {
  name: 'export-outbox',
  schema: z.object({ note: exportNote, madeAt: z.date() }),
};
/** The line says that the platform is there, and it does not answer this. */
const AGAIN_MS = 5_000;

export interface ExportOutbox {
  readonly feed: StateFeed<{ readonly waiting: number }>;
  /** Tells the platform, or keeps it until that is there. Throws OperatorError when the platform refuses: then there was no export. */
  tell(key: string, note: ExportNote): Promise<void>;
  close(): void;
}

export function createExportOutbox(parts: {
  readonly repository: Pick<ReportsRepository, 'recordExport'>;
  readonly cache: Cache;
  readonly database: StateFeed<LinkState>;
  readonly clock: Clock;
  readonly log: Logger;
}): ExportOutbox {
  const { repository, cache, database, clock, log } = parts;
  const feed = createStateFeed({ waiting: cache.list(WAITING).length });
  /** Refused by the platform: asked again when it comes back another time, not before. */
  const refused = new Set<string>();
  let emptying: Promise<void> | undefined;
  let cancel: (() => void) | undefined;
  let closed = false;

  const live = (): boolean => !closed && database.get().state === 'live';
  function count(): void {
    feed.set({ waiting: cache.list(WAITING).length });
  }

  function empty(): void {
    cancel?.();
    if (!live()) return;
    emptying ??= tellAll()
      .catch((error: unknown) => log.error('Exports could not be told to the audit log.', error))
      .finally(() => {
        emptying = undefined;
        count();
        const rest = cache.list(WAITING).filter(({ id }) => !refused.has(id));
        if (rest.length > 0 && live()) cancel = clock.after(AGAIN_MS, empty);
      });
  }

  async function tellAll(): Promise<void> {
    for (const { id } of cache.list(WAITING)) {
      if (!live()) return;
      const kept = refused.has(id) ? null : cache.read(WAITING, id);
      if (kept === null) continue;
      try {
        await repository.recordExport(id, kept.value.note, kept.value.madeAt);
      } catch (error) {
        if (!(error instanceof OperatorError)) throw error;
        if (error.code === 'UNAVAILABLE') return;
        refused.add(id);
        log.warn('The audit log does not take an export that was made without the platform.', {
          reason: error.message,
        });
        continue;
      }
      cache.remove(WAITING, id);
      count();
    }
  }

  const stop = database.subscribe(({ state }) => {
    if (state !== 'live') return;
    refused.clear();
    empty();
  });
  empty();

  return {
    feed,
    async tell(key, note) {
      const madeAt = clock.now();
      try {
        if (live()) return await repository.recordExport(key, note, null);
      } catch (error) {
        if (!(error instanceof OperatorError && error.code === 'UNAVAILABLE')) throw error;
      }
      cache.write(WAITING, key, { value: { note, madeAt }, asOf: madeAt });
      count();
      empty();
    },
    close() {
      closed = true;
      stop();
      cancel?.();
      feed.close();
    },
  };
}
