import { requestBody } from '../frame/answers.ts';
import { gatewayContender, type Contender } from '../frame/contenders.ts';
import { cpuMicros } from '../frame/cpu-time.ts';
import type { BenchmarkResult } from '../frame/figure.ts';
import { startLoad } from '../frame/load.ts';
import { startNginxUpstream } from '../frame/nginx.ts';
import { startPlatform } from '../frame/platform.ts';
import { measureRounds, overRounds } from '../frame/rounds.ts';
import type { Workbench } from '../frame/workbench.ts';

const FEW = 10;
const MANY = 1_000;
const OPEN_PER_SECOND = 300;
const CALLS_BEFORE = 20;

interface Sample {
  /** Of a call at one connection, µs. */
  readonly p50: number;
  /** Of the gateway's process a call at 64 connections, µs. */
  readonly cpu: number;
}

/** A call where the gateway has a thousand tenants that all call, beside one where it has ten. */
export async function gatewayGrowth(bench: Workbench): Promise<BenchmarkResult> {
  const fixed = await startNginxUpstream(bench);
  const { port } = fixed ?? (await bench.startNode('fake-upstream.ts', { core: 'rest' }));
  const upstream = `http://127.0.0.1:${port}`;
  const contenderOf = async (tenants: number): Promise<Contender> =>
    gatewayContender(await startPlatform(bench, { tenants, history: 1000, upstream, pinned: true }));
  const few = await contenderOf(FEW);
  const many = await contenderOf(MANY);
  const load = await startLoad(bench);
  const seconds = bench.quick ? 1 : 4;
  const measure =
    ({ url, headers, pid }: Contender) =>
    async (): Promise<Sample> => {
      const order = { url, headers, body: requestBody() };
      const before = pid === undefined ? 0 : cpuMicros(pid);
      const { calls } = await load.run({ ...order, kind: 'closed', connections: 64, seconds });
      const cpu = ((pid === undefined ? 0 : cpuMicros(pid)) - before) / calls;
      // Right after it: nobody's first call after a pause is in the figure.
      const { p50 } = await load.run({ ...order, kind: 'open', connections: 1, seconds, perSecond: OPEN_PER_SECOND });
      return { p50, cpu };
    };
  /** Each tenant's first calls wait for its first grant. */
  const warm = async ({ url, headers }: Contender): Promise<void> => {
    const order = { url, headers, body: requestBody(), kind: 'closed', connections: 64, seconds } as const;
    for (let calls = 0; calls < CALLS_BEFORE * headers.length; calls += (await load.run(order)).calls);
  };
  bench.say('warming up …');
  for (const contender of [few, many]) await warm(contender);
  const measured = await measureRounds({
    contenders: { few: measure(few), many: measure(many) },
    rounds: bench.quick ? 3 : 7,
    random: bench.random,
    signal: bench.signal,
    onRound: (round, number) =>
      bench.say(
        `round ${number}: ${FEW} tenants ${round.few.p50.toFixed(0)} µs, ${round.few.cpu.toFixed(0)} µs of processor; ${MANY} tenants ${round.many.p50.toFixed(0)} µs, ${round.many.cpu.toFixed(0)} µs`,
      ),
  });
  const ratio = (figure: keyof Sample) => {
    const grown = overRounds(measured, (round) => round.many[figure] / round.few[figure]);
    return { ...grown, goal: '≤ 1.3', met: grown.value <= 1.3 };
  };
  return {
    figures: {
      'call-growth': {
        ...ratio('p50'),
        unit: `× a call with ${FEW} tenants (median)`,
        conditions: `${MANY} tenants, one connection, open loop, ${OPEN_PER_SECOND} calls/s`,
      },
      'cpu-growth': {
        ...ratio('cpu'),
        unit: `× the processor time of a call with ${FEW} tenants`,
        conditions: `${MANY} tenants in turn, 64 connections`,
      },
    },
  };
}
