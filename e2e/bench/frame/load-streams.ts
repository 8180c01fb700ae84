import { setTimeout as delay } from 'node:timers/promises';
import type { Caller } from './load-loops.ts';
import type { LoadReport, StreamsOrder } from './load-order.ts';
import { percentile } from './statistics.ts';

interface Seen {
  readonly first: number[];
  readonly gaps: number[];
  readonly ways: number[];
  failed: number;
  lost: number;
  broken: number;
}

const micros = (): number => Number(process.hrtime.bigint() / 1000n);

/** Reads many streams of the fake provider at once and times each chunk by the clock that it carries. */
export async function streams(caller: Caller, order: StreamsOrder): Promise<LoadReport> {
  const seen: Seen = { first: [], gaps: [], ways: [], failed: 0, lost: 0, broken: 0 };
  const begun = performance.now();
  for (let wave = 0; wave < order.waves; wave += 1) {
    await Promise.all(
      Array.from({ length: order.connections }, async (_, index) => {
        await delay((index * order.spreadMs) / order.connections);
        await readOne(caller, order.chunks, seen);
      }),
    );
  }
  return {
    calls: seen.first.length,
    failed: seen.failed,
    seconds: (performance.now() - begun) / 1000,
    p50: percentile(seen.first, 0.5),
    p95: percentile(seen.first, 0.95),
    p99: percentile(seen.first, 0.99),
    streams: {
      gapP50: percentile(seen.gaps, 0.5),
      gapP95: percentile(seen.gaps, 0.95),
      wayP50: percentile(seen.ways, 0.5),
      wayP95: percentile(seen.ways, 0.95),
      lostChunks: seen.lost,
      brokenStreams: seen.broken,
    },
  };
}

async function readOne(caller: Caller, wanted: number, seen: Seen): Promise<void> {
  const asked = micros();
  let count = 0;
  let last = 0;
  let rest = '';
  let complete = false;
  try {
    const { statusCode, body } = await caller.request();
    if (statusCode !== 200) {
      seen.failed += 1;
      await body.dump();
      return;
    }
    for await (const part of body as AsyncIterable<Buffer>) {
      const now = micros();
      const lines = (rest + part.toString('latin1')).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        complete ||= line === 'data: [DONE]';
        const sent = /"content":"(\d+) "/.exec(line)?.[1];
        if (sent === undefined) continue;
        count += 1;
        seen.ways.push(now - Number(sent));
        if (count === 1) seen.first.push(now - asked);
        else seen.gaps.push(now - last);
        last = now;
      }
    }
  } catch {
    complete = false;
  }
  seen.lost += wanted - count;
  if (!complete) seen.broken += 1;
}
