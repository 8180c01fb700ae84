import { setTimeout as pause } from 'node:timers/promises';
import { knownAt, makeCappedTenant, type TestTenant } from '../../src-platform/gateway/testing/tenant-calls.ts';
import type { Random } from '../../src-platform/local/seeded-random.ts';
import { disagreements } from '../../src-platform/testing/grant-desk.ts';
import type { TestDatabase } from '../../src-platform/testing/test-database.ts';
import type { Figure } from '../bench/frame/figure.ts';
import type { Call } from './call.ts';
import { untilGaugesAgree } from './gauges.ts';
import type { Site } from './site.ts';
import { faultsOf, reckon, type Reckoning } from './verdict.ts';

/** How much of everything. */
export interface Scale {
  readonly calls: number;
  /** After which no more calls are made. */
  readonly minutes: number;
  readonly tenants: number;
  readonly fiftyRounds: number;
  readonly gatewayKills: number;
  readonly postgresKills: number;
  readonly redisFaults: number;
  readonly cutStreams: number;
  /** Of each store, each in both ways. */
  readonly outages: number;
  readonly writes: number;
  readonly queries: number;
  readonly transactions: number;
  readonly lateRows: number;
  readonly lateKills: number;
  readonly tamperings: number;
  /** Of commands, in `decisions`. */
  readonly sequences: number;
  readonly grantSteps: number;
  /** Messages of a hostile window to each shell. */
  readonly hostileMessages: number;
  /** Rounds of broken frames and floods of streams to each shell. */
  readonly frameAttacks: number;
  /** Secrets that are put in and searched for. */
  readonly canaries: number;
  readonly vaultKills: number;
  readonly vaultDamages: number;
}

/** What every scenario gets. */
export interface Ground {
  readonly scale: Scale;
  /** Of this scenario. */
  readonly seed: string;
  readonly random: Random;
  readonly say: (line: string) => void;
  /** A promise did not hold: which call, cap or tenant, and how. */
  readonly broken: (sentence: string) => void;
  /** Aborted: the run is to end. */
  readonly signal: AbortSignal;
}

/** With gateways, stores and a provider. */
export interface Scene extends Ground {
  readonly site: Site;
}

/** With a database of its own, and nothing else. */
export interface DatabaseScene extends Ground {
  readonly db: TestDatabase;
}

export type Figures = Record<string, Figure>;
export type Scenario = (scene: Scene) => Promise<Figures>;
/** Of what needs neither a platform nor a database. */
export type DesktopScenario = (ground: Ground) => Promise<Figures>;
export type DatabaseScenario = (scene: DatabaseScene) => Promise<Figures>;

/** A figure that must be 0. */
export const none = (value: number, unit: string, conditions?: string): Figure => ({
  value,
  unit,
  goal: '0',
  met: value === 0,
  ...(conditions === undefined ? {} : { conditions }),
});

/** A time, in whole milliseconds, that must not be longer than so. */
export const within = (milliseconds: number, goal: number, unit: string, samples?: number): Figure => ({
  value: Math.round(milliseconds),
  unit,
  goal: `≤ ${goal}`,
  met: milliseconds <= goal,
  ...(samples === undefined ? {} : { samples }),
});

/** Tenants that all gateways know. */
export async function makeTenants(
  { site }: Scene,
  count: number,
  capOf: (index: number) => bigint,
): Promise<TestTenant[]> {
  const tenants: TestTenant[] = [];
  for (let index = 0; index < count; index += 1) {
    tenants.push(await makeCappedTenant(site.db, capOf(index), { trimsLastCall: index % 2 === 0 }));
  }
  for (const { address } of site.gateways) for (const { key } of tenants) await knownAt(address, key);
  return tenants;
}

const FIRST_LOOK_MS = 300;
const LOOKS_SHARE = 10;

/** Looks again and again whether charged, rollups and grants are the ledger's sums, while calls and faults go on. */
export function watchSums({ site, broken }: Scene): { stop(): Promise<void> } {
  const stopping = new AbortController();
  async function watch(): Promise<void> {
    let waitMs = FIRST_LOOK_MS;
    while (!stopping.signal.aborted) {
      await pause(waitMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      const startedAt = performance.now();
      // PostgreSQL may be away at this moment.
      const found = await disagreements(site.db).catch(() => []);
      for (const sum of found) broken(`a sum was not the ledger's while calls went on: ${JSON.stringify(sum)}`);
      waitMs = Math.max(FIRST_LOOK_MS, (performance.now() - startedAt) * LOOKS_SHARE);
    }
  }
  const watching = watch();
  return {
    stop: () => {
      stopping.abort();
      return watching;
    },
  };
}

export interface Settled {
  readonly reckoning: Reckoning;
  readonly gaugeMs: number;
}

/** What the scenario's calls came to, once the faults are over and everything is in the ledger. */
export async function settle(scene: Scene, calls: readonly Call[]): Promise<Settled> {
  const { site, signal } = scene;
  signal.throwIfAborted();
  const gaugeMs = await untilGaugesAgree(site, new Set(calls.map(({ tenantId }) => tenantId)));
  await Promise.all(site.gateways.map((gateway) => gateway.stop()));
  signal.throwIfAborted();
  // What a gateway could not bring into the ledger in time is replayed.
  await Promise.all(site.gateways.map((gateway) => gateway.start()));
  const tags = new Set(calls.map(({ tag }) => tag));
  const bill = site.provider.bill.filter(({ tag }) => tag !== undefined && tags.has(tag));
  const reckoning = await reckon(site.db, calls, bill, scene.broken);
  scene.say(JSON.stringify(reckoning));
  return { reckoning, gaugeMs };
}

const GAUGE_GOAL_MS = 5_000;

/** The figures that every scenario has. `gaugesMs`: also measured on the way. */
export function ledgerFigures(
  name: string,
  { reckoning, gaugeMs }: Settled,
  gaugesMs: readonly number[] = [],
): Figures {
  const { calls, completed, estimates, estimatesUnbilled } = reckoning;
  return {
    [`${name}-ledger`]: none(
      faultsOf(reckoning),
      'calls lost, doubled or at another cost than billed, and sums that drift',
      `${calls} calls, ${completed} completed, ${estimates} estimates (${estimatesUnbilled} of them never billed)`,
    ),
    [`${name}-gauges`]: within(
      Math.max(gaugeMs, ...gaugesMs),
      GAUGE_GOAL_MS,
      'ms at most until all gauges are the ledger',
      gaugesMs.length + 1,
    ),
  };
}
