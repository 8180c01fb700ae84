import { expect, test } from 'vitest';
import { seededRandom } from '../seeded-random.ts';
import type { CallResult } from './call-gateway.ts';
import { generateTraffic } from './traffic-generator.ts';
import type { TrafficTenant } from './traffic-plan.ts';

const workflow = {
  slug: 'chat',
  weight: 1,
  model: 'gpt-4o',
  format: 'chat' as const,
  inputTokens: 100,
  outputTokens: 50,
  streaming: 0.5,
};

function tenant(slug: string, callsPerSecond: number, bursts: boolean): TrafficTenant {
  return { slug, key: `td_${slug}`, callsPerSecond, bursts, workflows: [workflow] };
}

/** Runs the generator on a clock that jumps ahead, and counts calls by tenant. */
async function run(seconds: number, tenants: TrafficTenant[], answer: (slug: string) => CallResult) {
  const stopping = new AbortController();
  const counts = new Map(tenants.map(({ slug }) => [slug, 0]));
  let now = 0;
  await generateTraffic(
    { gateway: 'http://127.0.0.1:1', tenants },
    {
      call: async ({ slug }) => {
        counts.set(slug, (counts.get(slug) ?? 0) + 1);
        return answer(slug);
      },
      random: seededRandom('traffic'),
      now: () => now,
      pause: async (milliseconds) => {
        now += milliseconds;
        if (now > seconds * 1000) stopping.abort();
        await Promise.resolve();
      },
      signal: stopping.signal,
    },
  );
  return counts;
}

test('each tenant calls at its own rate, bursts or not', async () => {
  const counts = await run(2_000, [tenant('steady', 2, false), tenant('lively', 1, true)], () => 'ok');
  expect(counts.get('steady')! / 4_000).toBeCloseTo(1, 1);
  expect(counts.get('lively')! / 2_000).toBeGreaterThan(0.8);
  expect(counts.get('lively')! / 2_000).toBeLessThan(1.2);
});

test('a refused tenant goes on asking, more slowly; the others are not touched', async () => {
  const counts = await run(1_000, [tenant('refused', 4, false), tenant('other', 4, false)], (slug) =>
    slug === 'refused' ? 'refused' : 'ok',
  );
  expect(counts.get('other')!).toBeGreaterThan(3_600);
  expect(counts.get('refused')!).toBeLessThan(1_200);
  expect(counts.get('refused')!).toBeGreaterThan(400);
});

test('without tenants it ends at once', async () => {
  await run(1, [], () => 'ok');
});
