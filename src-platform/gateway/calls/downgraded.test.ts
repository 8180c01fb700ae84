import { expect, test } from 'vitest';
import { openAiChat } from '../formats/openai-chat/openai-chat.ts';
import type { TenantPolicy } from '../policy/policy.ts';
import { downgraded } from './downgraded.ts';

const TEXT = JSON.stringify({ model: 'dear', max_tokens: 5, messages: [{ role: 'user', content: 'dear' }], seed: 7 });

function modelFor(used: number | undefined, abovePercent = 50): string | undefined {
  const tenant = { id: 't', downgrades: new Map([['dear', { toModel: 'cheap', abovePercent }]]) };
  const incoming = { format: openAiChat, text: TEXT, headers: {} };
  const call = openAiChat.read(TEXT, {});
  const cheaper = downgraded(incoming, call, tenant as unknown as TenantPolicy, () => used);
  if (cheaper === null) return undefined;
  // All else goes as it came.
  expect(JSON.parse(cheaper.body(null))).toEqual({ ...(JSON.parse(TEXT) as object), model: cheaper.model });
  return cheaper.model;
}

test('a cheaper model answers above the share, not at it, and not where the share is not known', () => {
  expect(modelFor(49.99)).toBeUndefined();
  expect(modelFor(50)).toBeUndefined();
  expect(modelFor(50.01)).toBe('cheap');
  expect(modelFor(140)).toBe('cheap');
  expect(modelFor(undefined)).toBeUndefined();
  expect(modelFor(0, 0)).toBeUndefined();
  expect(modelFor(0.01, 0)).toBe('cheap');
});
