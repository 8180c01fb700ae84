/**
 * Thirteen months of history, entered once and in batches through the ingest function.
 *
 * What will be entered is decided and written down before the first batch (`seed.json`); all rows and their request ids follow
 * from it. A start that was cut off goes on after the last batch it noted; the batch that was under way is sent again, and ingest skips
 * what is there. Two lanes of tenants run side by side: they share no rollup row, and generating overlaps with storing.
 */
import type { DemoTenant } from './demo-tenant.ts';
import { demoTenants } from './demo-tenants.ts';
import { historyRows, type HistoryRow, type PricesByModel } from './history-rows.ts';
import { readSeedProgress, writeSeedProgress, type SeedProgress } from './seed-progress.ts';
import { THE_DOZEN } from './the-dozen.ts';
import { DAY_MS } from './zone-clock.ts';

export interface SeedOptions {
  /** The data folder. */
  readonly folder: string;
  /** Identity of the database cluster. */
  readonly cluster: string;
  /** The first so many demo tenants. */
  readonly tenants: readonly DemoTenant[];
  /** About so many rows over all tenants. */
  readonly rows: number;
  readonly prices: PricesByModel;
  readonly now: () => number;
  readonly signal: AbortSignal;
  /** Enters a batch; answers how many of its rows were new. */
  readonly ingest: (rows: readonly HistoryRow[]) => Promise<number>;
  readonly say: (sentence: string) => void;
}

const HISTORY_MS = 395 * DAY_MS;
const BATCH = 2_000;
const LANES = 2;
/** Of the rows, where there are more tenants than the dozen. */
const SHARE_OF_THE_DOZEN = 0.4;

/** Enters the history of the tenants that have none yet; answers how many rows were new. */
export async function seedHistory(options: SeedOptions): Promise<number> {
  const { folder, cluster, tenants, now } = options;
  let progress = readSeedProgress(folder, cluster);
  let entered = 0;
  if (progress.run) {
    options.say('Going on with the history of the demo clients…');
    entered += await finishRun(options, progress);
    progress = readSeedProgress(folder, cluster);
  }
  const missing = tenants.filter(({ slug }) => !progress.seeded.includes(slug));
  if (missing.length === 0 || options.rows === 0) return entered;
  options.say(
    `Entering 13 months of history for ${missing.length} demo ${missing.length === 1 ? 'client' : 'clients'}…`,
  );
  const until = now();
  const run = {
    name: `history ${until}`,
    slugs: missing.map(({ slug }) => slug),
    tenantCount: tenants.length,
    from: until - HISTORY_MS,
    until,
    rows: options.rows,
    batchesDone: Array.from({ length: LANES }, () => 0),
  };
  const started = { ...progress, run };
  writeSeedProgress(folder, started);
  return entered + (await finishRun(options, started));
}

async function finishRun(options: SeedOptions, progress: SeedProgress): Promise<number> {
  const { run } = progress;
  if (!run) return 0;
  const tenants = demoTenants(run.tenantCount).filter(({ slug }) => run.slugs.includes(slug));
  const shares = rowShares(tenants, run.rows);
  const enterLane = async (lane: number): Promise<number> => {
    let entered = 0;
    let number = 0;
    const mine = tenants.filter((_, index) => index % LANES === lane);
    const done = run.batchesDone[lane] ?? 0;
    for (const batch of inBatches(laneRows(mine, shares, run, options.prices), BATCH)) {
      number += 1;
      if (number <= done) continue;
      options.signal.throwIfAborted();
      entered += await options.ingest(batch);
      run.batchesDone[lane] = number;
      writeSeedProgress(options.folder, progress);
    }
    return entered;
  };
  const results = await Promise.allSettled(Array.from({ length: LANES }, (_, lane) => enterLane(lane)));
  let entered = 0;
  for (const result of results) {
    if (result.status === 'rejected') throw result.reason;
    entered += result.value;
  }
  writeSeedProgress(options.folder, { ...progress, seeded: [...progress.seeded, ...run.slugs], run: null });
  return entered;
}

function* laneRows(
  tenants: readonly DemoTenant[],
  shares: ReadonlyMap<string, number>,
  run: NonNullable<SeedProgress['run']>,
  prices: PricesByModel,
): Generator<HistoryRow> {
  for (const tenant of tenants) {
    const { name, from, until } = run;
    yield* historyRows({ tenant, from, until, rows: shares.get(tenant.slug) ?? 0, name }, prices);
  }
}

/** Rows for each tenant by weight; the dozen keep a good part, for theirs is the history people look at. */
function rowShares(tenants: readonly DemoTenant[], rows: number): Map<string, number> {
  const known = new Set(THE_DOZEN.map(({ slug }) => slug));
  const [dozen, others] = [
    tenants.filter(({ slug }) => known.has(slug)),
    tenants.filter(({ slug }) => !known.has(slug)),
  ];
  const shareOfDozen = others.length === 0 ? 1 : dozen.length === 0 ? 0 : SHARE_OF_THE_DOZEN;
  const shares = new Map<string, number>();
  const deal = (group: readonly DemoTenant[], groupRows: number): void => {
    const weights = group.reduce((sum, { weight }) => sum + weight, 0);
    for (const { slug, weight } of group) shares.set(slug, (groupRows * weight) / weights);
  };
  deal(dozen, rows * shareOfDozen);
  deal(others, rows * (1 - shareOfDozen));
  return shares;
}

function* inBatches<Item>(items: Iterable<Item>, size: number): Generator<Item[]> {
  let batch: Item[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length === size) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}
