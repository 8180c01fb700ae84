/**
 * Margins, live while somebody watches: one picture for all watchers.
 *
 * While somebody looks at the page, the running month is read again when the gateways tell that money moved: every three
 * seconds at most, and a tenth of the time. For the board every quarter of a minute is enough. The months that are over are
 * read when a contract or a rate changed, and now and then, for a month may have ended. Nobody watching: nothing is read.
 */
import type {
  MarginColumn,
  MarginDrivers,
  MarginOutlook,
  MarginsState,
  SetContractInput,
  SetRateInput,
  TenantContract,
} from '../contract/margins.ts';
import type { Clock } from '../infra/clock.ts';
import { answerOrKept, createPacedKeeper, obeyAccess, type Keeping } from '../infra/keeping.ts';
import type { LiveFrame } from '../infra/gateway-client/live-frame.ts';
import type { Logger } from '../infra/logger.ts';
import { OperatorError } from '../infra/operator-error.ts';
import type { PlatformChange } from '../infra/postgres/change-feed.ts';
import { streamState } from '../infra/state-stream.ts';
import { KEPT_DRIVERS, KEPT_MONTHS, KEPT_RUNNING, THE_FLEET } from './kept-margins.ts';
import { marginsOf, monthOf, monthsUntil, type MarginPicture } from './margin-figures.ts';
import { firstDay } from './margin-records.ts';
import type { Changed, KnownRate, MarginsRepository } from './margins-repository.ts';

export interface MarginsService {
  /** Throws OperatorError FORBIDDEN for a role that sees no margins. `month`: "2026-11" or "running"; of one that is not among the 13 nothing is known. */
  watch(month: string, signal?: AbortSignal): Promise<AsyncGenerator<MarginsState, void, unknown>>;
  /** Throws OperatorError FORBIDDEN likewise. */
  watchColumn(signal?: AbortSignal): Promise<AsyncGenerator<MarginColumn, void, unknown>>;
  /** Throws OperatorError NOT_FOUND: no such client for this operator, or nothing in that month. */
  drivers(tenantId: string, month: string): Promise<MarginDrivers>;
  /** Null: no contract. */
  outlook(tenantId: string, extraNanoUsd: bigint): Promise<MarginOutlook | null>;
  contracts(tenantId: string): Promise<{ contracts: TenantContract[] }>;
  rates(): Promise<{ rates: KnownRate[]; today: string }>;
  /** Throws OperatorError FORBIDDEN, BAD_REQUEST, NOT_FOUND, CONFLICT. */
  setContract(change: SetContractInput): Promise<Changed & { tenantId: string; contractId: string }>;
  /** Enters today's rate; errors likewise. */
  setRate(change: SetRateInput): Promise<Changed & { currency: string; date: string }>;
  close(): void;
}

export interface MarginsSources {
  readonly repository: MarginsRepository;
  readonly gateway: { onFrame(hear: (frame: LiveFrame) => void): () => void };
  readonly changes: { onChange(hear: (change: PlatformChange) => void): () => void };
  readonly keeping: Keeping;
  readonly clock: Clock;
  readonly log: Logger;
}

const TICK_MS = 500;
const BETWEEN_READS_MS = 3_000;
/** Of many tenants a read takes the database long: it rests ten times as long. */
const REST = 10;
const LOOK_MS = 15_000;
const MONTHS_MS = 60_000;
/** A change of these is read at once. */
const TOPICS: ReadonlySet<string> = new Set(['contracts', 'tenants', 'operators']);
const DATABASE_AWAY = 'The database does not answer; margins are from before. Asking again until it does.';
const UNREADABLE = 'Margins could not be read. It was written to the log; trying again.';

export function createMarginsService(sources: MarginsSources): MarginsService {
  const { repository, gateway, changes, keeping, clock, log } = sources;
  const { cache } = keeping;
  const keeper = createPacedKeeper(cache, clock, KEPT_RUNNING, THE_FLEET);
  let picture: MarginPicture | undefined;
  let trouble: string | null = null;
  let reading: Promise<void> | undefined;
  let moved = false;
  let runningReadAt = Number.NEGATIVE_INFINITY;
  let monthsReadAt = Number.NEGATIVE_INFINITY;
  let tookMs = 0;
  let termChanges = 0;
  let closed = false;
  let stops: (() => void)[] = [];
  const watchers = new Set<() => void>();
  /** Of them, those who look at the page. */
  let closeWatchers = 0;
  const refreshed = keeping.gate.part(() => closeWatchers > 0);

  function tell(): void {
    for (const wake of watchers) wake();
  }

  async function read(): Promise<void> {
    const now = clock.now().getTime();
    const old = picture === undefined || now - monthsReadAt >= MONTHS_MS;
    const changesBefore = termChanges;
    moved = false;
    runningReadAt = now;
    const done = refreshed.begin();
    const [asOf, running] = await Promise.all([repository.now(), repository.running()]);
    let months = picture?.months ?? [];
    if (old) {
      const list = monthsUntil(monthOf(asOf));
      months = await repository.months(firstDay(list[0] ?? monthOf(asOf)), firstDay(monthOf(asOf)));
      monthsReadAt = now;
      cache.write(KEPT_MONTHS, THE_FLEET, { value: months, asOf });
    }
    picture = { running, months, asOf };
    keeper.offer({ value: running, asOf });
    done();
    tookMs = clock.now().getTime() - now;
    trouble = null;
    // Changed while we read: what we have may be from before.
    if (termChanges !== changesBefore) readAllNext();
  }

  /** What was kept, while nothing else is known. */
  function restore(): void {
    const running = picture === undefined ? cache.read(KEPT_RUNNING, THE_FLEET) : null;
    const months = cache.read(KEPT_MONTHS, THE_FLEET);
    if (running === null || months === null) return;
    picture = { running: running.value, months: months.value, asOf: running.asOf };
    trouble ??= DATABASE_AWAY;
    tell();
  }

  function forget(): void {
    picture = undefined;
    tell();
  }

  function readAllNext(): void {
    monthsReadAt = Number.NEGATIVE_INFINITY;
    runningReadAt = Number.NEGATIVE_INFINITY;
  }

  /** Reads unless somebody does; what went wrong is told to the watchers, and thrown. */
  function readNow(): Promise<void> {
    reading ??= read()
      .catch((error: unknown) => {
        if (!(error instanceof OperatorError)) log.error('Margins could not be read.', error);
        trouble = troubleOf(error);
        if (!isAway(error)) refreshed.begin()();
        // The next look need not wait its whole turn: changes do.
        else runningReadAt = clock.now().getTime() - LOOK_MS + BETWEEN_READS_MS;
        throw error;
      })
      .finally(() => {
        reading = undefined;
        tell();
      });
    return reading;
  }

  function tick(): void {
    const since = clock.now().getTime() - runningReadAt;
    const soon = moved && closeWatchers > 0;
    if (reading === undefined && since >= Math.max(soon ? BETWEEN_READS_MS : LOOK_MS, REST * tookMs)) {
      readNow().catch(() => undefined);
    }
  }

  function changedTerms(): void {
    termChanges += 1;
    readAllNext();
    if (watchers.size > 0) tick();
  }

  function join(wake: () => void, closely: boolean): () => void {
    if (watchers.size === 0) {
      stops = [
        gateway.onFrame(({ tenants }) => {
          if (tenants.length > 0) moved = true;
        }),
        changes.onChange((change) => {
          if (change.kind === 'resync' || TOPICS.has(change.topic)) changedTerms();
        }),
        clock.every(TICK_MS, tick),
      ];
    }
    watchers.add(wake);
    if (closely) closeWatchers += 1;
    return () => {
      watchers.delete(wake);
      if (closely) closeWatchers -= 1;
      if (watchers.size > 0) return;
      for (const stop of stops) stop();
      stops = [];
    };
  }

  /** A stream of what `show` makes of each new picture. The first one is read before it begins, so that a refusal is an error. */
  async function stream<State>(
    show: (picture: MarginPicture | undefined, trouble: string | null) => State,
    closely: boolean,
    signal: AbortSignal | undefined,
  ): Promise<AsyncGenerator<State, void, unknown>> {
    const young = clock.now().getTime() - runningReadAt < LOOK_MS;
    if (picture === undefined || trouble !== null || !young) {
      await readNow().catch((error: unknown) => {
        if (error instanceof OperatorError && error.code !== 'UNAVAILABLE') throw error;
      });
    }
    let shown: [MarginPicture | undefined, string | null] | undefined;
    return streamState<State>(
      {
        start: (wake) => join(wake, closely),
        take() {
          if (shown?.[0] === picture && shown?.[1] === trouble) return undefined;
          shown = [picture, trouble];
          return show(picture, trouble);
        },
        ended: () => closed,
      },
      signal,
    );
  }

  const stopObeying = obeyAccess(keeping.access, restore, forget);
  return {
    watch(month, signal) {
      return stream((seen, told) => stateOf(seen, told, month, clock.now()), true, signal);
    },
    watchColumn: (signal) => stream(columnOf, false, signal),
    outlook: (tenantId, extraNanoUsd) => repository.outlook(tenantId, extraNanoUsd),
    drivers: (tenantId, month) =>
      answerOrKept(cache, KEPT_DRIVERS, `${tenantId} ${month}`, async () => {
        const found = await repository.drivers(tenantId, firstDay(month));
        if (found) return found;
        throw new OperatorError('NOT_FOUND', 'This client has neither a contract nor usage in that month.');
      }),
    contracts: async (tenantId) => ({ contracts: await repository.contracts(tenantId) }),
    async rates() {
      const [rates, now] = await Promise.all([repository.rates(), repository.now()]);
      return { rates, today: dayOf(now) };
    },
    async setContract(change) {
      try {
        return { tenantId: change.tenantId, ...(await repository.setContract(change)) };
      } finally {
        changedTerms();
      }
    },
    async setRate(change) {
      try {
        const date = dayOf(await repository.now());
        return { currency: change.currency, date, ...(await repository.setRate(change, date)) };
      } finally {
        changedTerms();
      }
    },
    close() {
      closed = true;
      stopObeying();
      keeper.close();
      tell();
      for (const stop of stops) stop();
    },
  };
}

const dayOf = (instant: Date): string => instant.toISOString().slice(0, 10);

function stateOf(picture: MarginPicture | undefined, trouble: string | null, wanted: string, now: Date): MarginsState {
  const running = monthOf(picture?.asOf ?? now);
  const month = wanted === 'running' ? running : wanted;
  if (picture === undefined) {
    return { month, running, rows: [], fleet: null, trend: [], asOf: null, trouble };
  }
  return { ...marginsOf(picture, month), trouble };
}

function columnOf(picture: MarginPicture | undefined): MarginColumn {
  const margins = (picture?.running ?? []).flatMap(({ tenant_id, forecast_margin_bp, target_margin_bp }) =>
    forecast_margin_bp === null || target_margin_bp === null
      ? []
      : { tenantId: tenant_id, forecastBp: forecast_margin_bp, targetBp: target_margin_bp },
  );
  return { margins, asOf: picture?.asOf ?? null };
}

function isAway(error: unknown): boolean {
  return error instanceof OperatorError && error.code === 'UNAVAILABLE';
}

function troubleOf(error: unknown): string {
  if (!(error instanceof OperatorError)) return UNREADABLE;
  return isAway(error) ? DATABASE_AWAY : error.message;
}
