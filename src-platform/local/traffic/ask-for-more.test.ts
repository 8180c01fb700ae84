import { MockAgent } from 'undici';
import { expect, test } from 'vitest';
import { createAskForMore } from './ask-for-more.ts';
import type { TrafficTenant } from './traffic-plan.ts';

const ORIGIN = 'http://gateway.test';
const clinic: TrafficTenant = {
  slug: 'clinic-b',
  key: 'td_key',
  callsPerSecond: 1,
  bursts: false,
  asksFor: { amountUsd: '5.00', reason: 'Busy' },
  workflows: [{ slug: 'w', weight: 1, model: 'm', format: 'chat', inputTokens: 1, outputTokens: 1, streaming: 0 }],
};

/** What a tenant whose latest request is this sends after a refusal. */
async function sentAfter(latest: object | null, tenant = clinic): Promise<string[]> {
  const agent = new MockAgent();
  agent.disableNetConnect();
  const sent: string[] = [];
  const gateway = agent.get(ORIGIN);
  gateway.intercept({ path: '/v1/budget' }).reply(200, { requests: latest === null ? [] : [latest] });
  gateway.intercept({ path: '/v1/budget/requests', method: 'POST' }).reply(201, ({ body }) => {
    if (typeof body === 'string') sent.push(body);
    return {};
  });
  const asking = createAskForMore(gateway, () => 0);
  await asking.refused(tenant);
  await asking.refused(tenant);
  return sent;
}

test('asks once when nothing is open', async () => {
  const wish = ['{"amount_usd":"5.00","reason":"Busy"}'];
  expect(await sentAfter(null)).toEqual(wish);
  expect(await sentAfter({ status: 'approved', decided_at: new Date().toISOString() })).toEqual(wish);
  expect(await sentAfter({ status: 'declined', decided_at: '2026-01-01T00:00:00Z' })).toEqual(wish);
});

test('does not ask while one is open or was declined a moment ago, nor when it never asks', async () => {
  expect(await sentAfter({ status: 'open', decided_at: null })).toEqual([]);
  expect(await sentAfter({ status: 'declined', decided_at: new Date().toISOString() })).toEqual([]);
  const { asksFor: _none, ...silent } = clinic;
  expect(await sentAfter(null, silent)).toEqual([]);
});
