import { setTimeout as pause } from 'node:timers/promises';
import { knownAt, makeCappedTenant, type TestTenant } from '../../src-platform/gateway/testing/tenant-calls.ts';
import type { Random } from '../../src-platform/local/seeded-random.ts';
import { makeOperator, type MadeOperator } from '../../src-platform/testing/factories.ts';
import type { Figure } from '../bench/frame/figure.ts';
import type { Call } from './call.ts';
import { faultsOf, reckon, type Reckoning } from './verdict.ts';
import type { Site } from './site.ts';

/** How much of everything. */
export interface Scale {
  readonly calls: number;
  readonly tenants: number;
  readonly fiftyRounds: number;
  readonly gatewayKills: number;
  readonly postgresKills: number;
  readonly redisFaults: number;
  readonly cutStreams: number;
}

export interface Scene {
  readonly site: Site;
  readonly scale: Scale;
  readonly random: Random;
  readonly say: (line: string) => void;
  /** Throws when the run is to end. */
  readonly goOn: () => void;
}

export type Figures = Record<string, Figure>;
export type Scenario = (scene: Scene) => Promise<Figures>;

/** A figure that must be 0. */
export const none = (value: number, unit: string, conditions?: string): Figure => ({
  value,
  unit,
  goal: '0',
  met: value === 0,
  ...(conditions === undefined ? {} : { conditions }),
});

/** Tenants that both gateways know. */
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

/** What the scenario's calls came to, once the faults are over and everything is in the ledger. */
export async function settle(
  scene: Scene,
  calls: readonly Call[],
): Promise<{ readonly reckoning: Reckoning; readonly gaugeMs: number }> {
  const { site } = scene;
  const tenants = new Set(calls.map(({ tenantId }) => tenantId));
  const gaugeMs = await untilGaugesAgree(site, tenants);
  for (const gateway of site.gateways) await gateway.stop();
  // What a gateway could not bring into the ledger in time is replayed.
  for (const gateway of site.gateways) await gateway.start();
  const tags = new Set(calls.map(({ tag }) => tag));
  const bill = site.provider.bill.filter(({ tag }) => tag !== undefined && tags.has(tag));
  const reckoning = await reckon(site.db, calls, bill);
  scene.say(JSON.stringify(reckoning));
  return { reckoning, gaugeMs };
}

const GAUGE_PATIENCE_MS = 40_000;
const operators = new WeakMap<Site, Promise<MadeOperator>>();

/** Milliseconds until every gateway's live figures are the ledger's, and nothing is held; NaN: never. */
async function untilGaugesAgree(site: Site, tenants: ReadonlySet<string>): Promise<number> {
  const operator = await (operators.get(site) ?? makeOperator(site.db, { role: 'operator' }));
  operators.set(site, Promise.resolve(operator));
  const startedAt = performance.now();
  while (performance.now() - startedAt < GAUGE_PATIENCE_MS) {
    const charged = await chargedOf(site, tenants);
    const agree = await Promise.all(
      site.gateways.map(async ({ address }) => {
        const told = await snapshot(address, operator.gatewayToken).catch(() => undefined);
        return [...charged].every(([capId, amount]) => {
          const cap = told?.get(capId);
          return cap?.committed === amount && cap.held === 0;
        });
      }),
    );
    if (agree.every(Boolean)) return Math.round(performance.now() - startedAt);
    await pause(50);
  }
  return Number.NaN;
}

async function chargedOf(site: Site, tenants: ReadonlySet<string>): Promise<Map<string, number>> {
  const { rows } = await site.db.owner.query<{ cap_id: string; cost: string }>(
    `select c.id as cap_id, coalesce(sum(u.cost_nanousd), 0)::text as cost
     from platform.caps c left join platform.usage_records u on u.tenant_id = c.tenant_id
     where c.tenant_id = any ($1) group by 1`,
    [[...tenants]],
  );
  return new Map(rows.map(({ cap_id: id, cost }) => [id, Number(cost)]));
}

interface GaugeCap {
  readonly capId: string;
  readonly committed: number;
  readonly held: number;
}

/** The first frame of the live stream. */
async function snapshot(address: string, token: string): Promise<Map<string, GaugeCap>> {
  const leave = new AbortController();
  try {
    const answer = await fetch(`${address}/admin/v1/live`, {
      headers: { authorization: `Bearer ${token}` },
      signal: leave.signal,
    });
    let text = '';
    for await (const part of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += part;
      if (text.includes('\n')) break;
    }
    const frame = JSON.parse(text.slice(0, text.indexOf('\n'))) as { tenants?: { caps: GaugeCap[] }[] };
    return new Map((frame.tenants ?? []).flatMap(({ caps }) => caps.map((cap) => [cap.capId, cap])));
  } finally {
    leave.abort();
  }
}

const GAUGE_GOAL_MS = 5_000;

/** The figures that every scenario has. */
export function ledgerFigures(name: string, { reckoning, gaugeMs }: Awaited<ReturnType<typeof settle>>): Figures {
  const { calls, completed, estimates } = reckoning;
  return {
    [`${name}-ledger`]: none(
      faultsOf(reckoning),
      'calls lost, doubled or at another cost than billed, and sums that drift',
      `${calls} calls, ${completed} completed, ${estimates} estimates (${reckoning.estimatesUnbilled} of them never billed)`,
    ),
    [`${name}-gauges`]: {
      value: gaugeMs,
      unit: 'ms until all gauges are the ledger',
      goal: `≤ ${GAUGE_GOAL_MS}`,
      met: gaugeMs <= GAUGE_GOAL_MS,
    },
  };
}
