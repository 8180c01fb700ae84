import { setTimeout as delay } from 'node:timers/promises';
import { requestBody } from '../frame/answers.ts';
import { startContenders, type Contender } from '../frame/contenders.ts';
import { cpuMicros } from '../frame/cpu-time.ts';
import type { BenchmarkResult, Figure } from '../frame/figure.ts';
import { startLoad, type Load } from '../frame/load.ts';
import type { BenchPlatform } from '../frame/platform.ts';
import { measureRounds, overRounds, type Rounds } from '../frame/rounds.ts';
import { rounded } from '../frame/statistics.ts';
import type { Workbench } from '../frame/workbench.ts';

interface Sample {
  readonly perSecond: number;
  /** Processor time of the process between, in µs a call; 0 where there is none. */
  readonly cpuMicros: number;
}

type Name = 'direct' | 'bare' | 'nginx' | 'portkey' | 'gateway';

const OPEN_PER_SECOND = 300;

/** Calls that do not stream: throughput at 16 and 64 connections, processor time a call, added latency at one connection. */
export async function gatewayThroughput(bench: Workbench): Promise<BenchmarkResult> {
  const contenders = await startContenders(bench);
  const load = await startLoad(bench);
  const { direct, bare, nginx, portkey, gateway, platform } = contenders;
  const paths: Partial<Record<Name, Contender>> = { direct, bare, nginx, portkey, gateway };
  const names = (Object.keys(paths) as Name[]).filter((name) => paths[name] !== undefined);
  const rounds = bench.quick ? 3 : 9;
  const seconds = bench.quick ? 1 : 3;
  const each = <T>(measure: (contender: Contender, name: Name) => Promise<T>): Record<Name, () => Promise<T>> =>
    Object.fromEntries(names.map((name) => [name, () => measure(paths[name] ?? direct, name)])) as Record<
      Name,
      () => Promise<T>
    >;

  bench.say('warming up …');
  for (const name of names) await closed(load, paths[name] ?? direct, 64, bench.quick ? 2 : 8, name);
  const figures: Record<string, Figure> = {};
  const how = `1 KB call, 0.6 KB answer by ${contenders.upstream}, ${platform.tenants.length} tenants, load by ${load.closedBy}`;
  for (const connections of [16, 64]) {
    const measured = await measureRounds({
      contenders: each((contender, name) => closed(load, contender, connections, seconds, name)),
      rounds,
      random: bench.random,
      reference: (round) => round.direct.perSecond,
      signal: bench.signal,
      onRound: (round, number) =>
        bench.say(
          `${connections} connections, round ${number}: ${names.map((name) => `${name} ${round[name].perSecond.toFixed(0)}/s ${round[name].cpuMicros.toFixed(0)} µs`).join(', ')}`,
        ),
    });
    Object.assign(figures, throughputFigures(measured, connections, names, how));
  }
  figures['store-trips'] = await storeTrips(load, platform, gateway, bench.quick ? 4 : 15);
  Object.assign(figures, await latencyFigures(bench, load, each, names, rounds));
  return { figures, missing: contenders.missing };
}

async function closed(
  load: Load,
  contender: Contender,
  connections: number,
  seconds: number,
  name: Name,
): Promise<Sample> {
  const before = contender.pid === undefined ? 0 : cpuMicros(contender.pid);
  const { url, headers } = contender;
  const report = await load.run({ kind: 'closed', url, headers, body: requestBody(), connections, seconds });
  if (report.failed > report.calls * 0.001) {
    throw new Error(`${name}: ${report.failed} of ${report.calls + report.failed} calls failed.`);
  }
  const used = contender.pid === undefined ? 0 : cpuMicros(contender.pid) - before;
  return { perSecond: report.calls / report.seconds, cpuMicros: used / report.calls };
}

function throughputFigures(
  measured: Rounds<Name, Sample>,
  connections: number,
  names: readonly Name[],
  how: string,
): Record<string, Figure> {
  const peers = (key: keyof Sample): Record<string, number> =>
    Object.fromEntries(names.map((name) => [name, overRounds(measured, (round) => round[name][key]).value]));
  const conditions = `${connections} connections, ${how}; ${measured.dropped} disturbed rounds dropped`;
  const ratio = overRounds(measured, ({ gateway, bare }) => gateway.perSecond / bare.perSecond);
  const cpu = overRounds(measured, ({ gateway, bare }) => gateway.cpuMicros / bare.cpuMicros);
  const figures: Record<string, Figure> = {
    [`throughput-${connections}-of-bare`]: {
      ...ratio,
      unit: '× bare proxy',
      goal: '≥ 0.75',
      met: ratio.value >= 0.75,
      peers: peers('perSecond'),
      conditions,
    },
    [`cpu-a-call-${connections}`]: {
      ...cpu,
      unit: '× bare proxy',
      goal: '≤ 1.5',
      met: cpu.value <= 1.5,
      peers: peers('cpuMicros'),
      conditions,
    },
  };
  if (names.includes('portkey')) {
    const ours = overRounds(measured, ({ gateway, portkey }) => gateway.perSecond / portkey.perSecond);
    figures[`throughput-${connections}-of-portkey`] = {
      ...ours,
      unit: '× Portkey',
      goal: '≥ 12',
      met: ours.value >= 12,
    };
  }
  if (names.includes('nginx')) {
    const bare = overRounds(measured, ({ bare, nginx }) => bare.perSecond / nginx.perSecond);
    figures[`bare-of-nginx-${connections}`] = {
      ...bare,
      unit: '× nginx proxy_pass',
      goal: '≥ 0.25',
      met: bare.value >= 0.25,
      conditions: 'says whether the bare proxy is an honest one',
    };
  }
  return figures;
}

/** Transactions of PostgreSQL a call while the gateway is busy: grants, ingest, policy, everything. */
async function storeTrips(
  load: Load,
  platform: BenchPlatform,
  { url, headers }: Contender,
  seconds: number,
): Promise<Figure> {
  const before = await platform.commits();
  const { calls } = await load.run({ kind: 'closed', url, headers, body: requestBody(), connections: 64, seconds });
  // The server publishes its counts with a second's delay.
  await delay(2000);
  const value = ((await platform.commits()) - before) / calls;
  return {
    value: rounded(value),
    unit: 'transactions of PostgreSQL a call',
    goal: '≤ 0.05',
    met: value <= 0.05,
    samples: calls,
    conditions: `64 connections, ${platform.tenants.length} tenants far from their caps`,
  };
}

async function latencyFigures(
  bench: Workbench,
  load: Load,
  each: <T>(measure: (contender: Contender, name: Name) => Promise<T>) => Record<Name, () => Promise<T>>,
  names: readonly Name[],
  rounds: number,
): Promise<Record<string, Figure>> {
  const seconds = bench.quick ? 2 : 5;
  const measured = await measureRounds({
    contenders: each(async ({ url, headers }) => {
      const order = { kind: 'open', url, headers, body: requestBody(), connections: 1 } as const;
      return load.run({ ...order, seconds, perSecond: OPEN_PER_SECOND });
    }),
    rounds,
    random: bench.random,
    signal: bench.signal,
    onRound: (round, number) =>
      bench.say(
        `open loop, round ${number}: ${names.map((name) => `${name} ${round[name].p50.toFixed(0)} µs`).join(', ')}`,
      ),
  });
  const added = (name: Name) => overRounds(measured, (round) => round[name].p50 - round.direct.p50).value;
  const ratio = overRounds(
    measured,
    ({ gateway, bare, direct }) => (gateway.p50 - direct.p50) / (bare.p50 - direct.p50),
  );
  const through = names.filter((name) => name !== 'direct');
  return {
    'added-latency': {
      ...ratio,
      unit: '× what the bare proxy adds (median)',
      goal: '≤ 1.25',
      met: ratio.value <= 1.25,
      peers: Object.fromEntries(through.map((name) => [`${name} adds, µs`, added(name)])),
      conditions: `one connection, open loop, ${OPEN_PER_SECOND} calls/s`,
    },
  };
}
