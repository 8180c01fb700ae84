import { requestBody, STREAM_CHUNKS as CHUNKS } from '../frame/answers.ts';
import { startContenders, type Contender } from '../frame/contenders.ts';
import type { BenchmarkResult } from '../frame/figure.ts';
import { startLoad, type Load } from '../frame/load.ts';
import type { LoadReport, StreamFigures } from '../frame/load-order.ts';
import { measureRounds, overRounds } from '../frame/rounds.ts';
import type { Workbench } from '../frame/workbench.ts';

type Name = 'direct' | 'bare' | 'gateway';
type StreamReport = LoadReport & { readonly streams: StreamFigures };

const GAP_MS = 10;
const AT_ONCE = 32;
const MANY = 512;
const MANY_GAP_MS = 100;
const HELD = 2_000;
const HELD_GAP_MS = 500;

/** Streams of 40 chunks, 10 ms apart: what is added to the first chunk and to each chunk, and whether any is lost among 512 streams, and 2,000. */
export async function streaming(bench: Workbench): Promise<BenchmarkResult> {
  const contenders = await startContenders(bench, { stream: true });
  const load = await startLoad(bench);
  const { direct, bare, gateway } = contenders;
  const paths: Record<Name, Contender> = { direct, bare, gateway };
  const names: readonly Name[] = ['direct', 'bare', 'gateway'];
  const run = (name: Name, waves: number) =>
    streams(load, paths[name], { connections: AT_ONCE, waves, spreadMs: 400, gapMs: GAP_MS });
  for (const name of names) await run(name, 2);
  const rounds = bench.quick ? 3 : 9;
  const waves = bench.quick ? 2 : 5;
  const measured = await measureRounds({
    contenders: {
      direct: () => run('direct', waves),
      bare: () => run('bare', waves),
      gateway: () => run('gateway', waves),
    },
    rounds,
    random: bench.random,
    signal: bench.signal,
    onRound: (round, number) =>
      bench.say(
        `round ${number}: ${names.map((name) => `${name} first ${round[name].p50} µs, way ${round[name].streams.wayP50} µs, gap ${round[name].streams.gapP50} µs`).join('; ')}`,
      ),
  });
  const crowd = { connections: MANY, spreadMs: 1000, gapMs: MANY_GAP_MS };
  bench.say(`${MANY} streams at once …`);
  const many = await streams(load, gateway, { ...crowd, waves: bench.quick ? 1 : 3 });
  const manyBare = await streams(load, bare, { ...crowd, waves: 1 });
  bench.say(`${HELD} streams held …`);
  const held = await streams(load, gateway, { connections: HELD, waves: 1, spreadMs: 8_000, gapMs: HELD_GAP_MS });
  const first = overRounds(
    measured,
    (round) => (round.gateway.p50 - round.direct.p50) / (round.bare.p50 - round.direct.p50),
  );
  const way = (round: Record<Name, StreamReport>, name: Name): number =>
    round[name].streams.wayP50 - round.direct.streams.wayP50;
  const chunk = overRounds(measured, (round) => way(round, 'gateway') / way(round, 'bare'));
  const each = (figure: (report: StreamReport) => number): Record<string, number> =>
    Object.fromEntries(names.map((name) => [name, overRounds(measured, (round) => figure(round[name])).value]));
  const conditions = `${AT_ONCE} streams begun within 400 ms, ${CHUNKS} chunks ${GAP_MS} ms apart`;
  const lost = ({ streams: { lostChunks, brokenStreams }, failed }: StreamReport): number =>
    lostChunks + brokenStreams + failed;
  return {
    figures: {
      'stream-first-chunk': {
        ...first,
        unit: '× what the bare proxy adds (median)',
        goal: '≤ 1.25',
        met: first.value <= 1.25,
        peers: each(({ p50 }) => p50),
        conditions: `${conditions}; peers in µs`,
      },
      'stream-chunk-delay': {
        ...chunk,
        unit: '× what the bare proxy adds to a chunk’s way (median)',
        goal: '≤ 1.25',
        met: chunk.value <= 1.25,
        peers: {
          ...each(({ streams }) => streams.wayP50),
          ...Object.fromEntries(
            Object.entries(each(({ streams }) => streams.gapP50)).map(([name, value]) => [`${name}, gap`, value]),
          ),
        },
        conditions: `${conditions}; from the provider's write to the reader, peers in µs`,
      },
      'stream-lost-chunks': {
        value: lost(many),
        unit: `chunks lost, streams broken or failed, of ${MANY} streams at once`,
        goal: '0',
        met: lost(many) === 0,
        samples: many.calls * CHUNKS,
        peers: { 'first chunk p50, µs': many.p50, 'bare: first chunk p50, µs': manyBare.p50 },
      },
      'streams-held': {
        value: lost(held),
        unit: `chunks lost, streams broken or failed, of ${HELD} streams held by one process`,
        goal: '0',
        met: lost(held) === 0,
        samples: held.calls * CHUNKS,
        peers: { 'first chunk p50, µs': held.p50 },
        conditions: `begun within 8 s, ${CHUNKS} chunks ${HELD_GAP_MS} ms apart: all are open for more than 10 s`,
      },
    },
    missing: ['streaming through Portkey: its package answers every stream with an error'],
  };
}

async function streams(
  load: Load,
  { url, headers }: Contender,
  { gapMs, ...waves }: { connections: number; waves: number; spreadMs: number; gapMs: number },
): Promise<StreamReport> {
  const body = requestBody(gapMs);
  const report = await load.run({ kind: 'streams', url, headers, body, ...waves, chunks: CHUNKS });
  const { streams } = report;
  if (!streams || report.calls === 0) throw new Error(`No stream was answered by ${url}: ${JSON.stringify(report)}`);
  return { ...report, streams };
}
