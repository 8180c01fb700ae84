/**
 * Keeps datasets for the time without a platform: of every client the months that run and the one before, looked through when the platform
 * comes back and every ten minutes while it is there. Politely: one question at a time, a few clients in each, a pause after it; and only
 * what has changed, by the states that the list tells.
 */
import type { LinkState } from '../contract/session.ts';
import type { Clock } from '../infra/clock.ts';
import type { Logger } from '../infra/logger.ts';
import { OperatorError } from '../infra/operator-error.ts';
import type { StateFeed } from '../infra/state-feed.ts';
import type { KeptReports } from './kept-reports.ts';
import type { ListedClient, ReportsRepository } from './reports-repository.ts';

const EVERY_MS = 600_000;
const BATCH = 5;
/** Five clients in two seconds. */
const PAUSE_MS = 2_000;
/** Limits of caps and the running month's rate are in no state. */
const OLD_MS = 6 * 3_600_000;

export interface DatasetSync {
  close(): void;
}

export function createDatasetSync(parts: {
  readonly repository: ReportsRepository;
  readonly kept: KeptReports;
  readonly database: StateFeed<LinkState>;
  readonly clock: Clock;
  readonly log: Logger;
}): DatasetSync {
  const { repository, kept, database, clock, log } = parts;
  let running: AbortController | undefined;
  let closed = false;

  function begin(): void {
    if (running !== undefined || database.get().state !== 'live') return;
    const { signal } = (running = new AbortController());
    sync(signal)
      .catch((error: unknown) => {
        // Away or refused to this role: the next look tells.
        if (error instanceof OperatorError) return;
        log.error('Reports could not be kept for the time without a platform.', error);
      })
      .finally(() => {
        running = undefined;
        // It came back while we were still leaving.
        if (signal.aborted && !closed) begin();
      });
  }

  async function sync(signal: AbortSignal): Promise<void> {
    // Whoever has just got the platform back reads first.
    await pause(signal);
    const known = await repository.months();
    const last = known.findIndex(({ basis }) => basis === 'final');
    const visible = new Set<string>();
    for (const { month } of last < 0 ? known : known.slice(0, last + 1)) {
      const { asOf, clients } = await repository.list(month);
      for (const { tenantId } of clients) visible.add(tenantId);
      const stale = staleOf(month, asOf, clients);
      for (let from = 0; from < stale.length; from += BATCH) {
        await pause(signal);
        for (const data of await repository.tenantMonths(stale.slice(from, from + BATCH), month)) kept.keep(data);
      }
      kept.keepList(month, { value: clients, asOf });
    }
    kept.retain(visible);
  }

  /** Clients with usage whose kept dataset tells something else, or may. */
  function staleOf(month: string, asOf: Date, clients: readonly ListedClient[]): string[] {
    const before = new Map(
      kept.list(month)?.value.map(({ tenantId, state, running }) => [tenantId, `${state} ${running}`]),
    );
    const ages = kept.ages(month);
    return clients
      .filter(({ tenantId, calls, state, running }) => {
        const age = ages.get(tenantId);
        if (calls === null) return false;
        if (age === undefined || before.get(tenantId) !== `${state} ${running}`) return true;
        return running && asOf.getTime() - age.getTime() > OLD_MS;
      })
      .map(({ tenantId }) => tenantId);
  }

  function pause(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(left());
      const leave = (): void => {
        cancel();
        reject(left());
      };
      const cancel = clock.after(PAUSE_MS, () => {
        signal.removeEventListener('abort', leave);
        resolve();
      });
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  const stops = [
    database.subscribe(({ state }) => {
      if (state === 'live') begin();
      else running?.abort();
    }),
    clock.every(EVERY_MS, begin),
  ];
  begin();
  return {
    close() {
      closed = true;
      for (const stop of stops) stop();
      running?.abort();
    },
  };
}

const left = (): OperatorError => new OperatorError('UNAVAILABLE', 'The platform went away.');
