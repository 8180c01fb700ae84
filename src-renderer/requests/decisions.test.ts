import { ORPCError } from '@orpc/client';
import { expect, test, vi } from 'vitest';
import type { Decided, DecideIncreaseInput } from '../../src-main/contract/requests.ts';
import { ConnectionLost } from '../ui/connection-lost.ts';
import { createDecisions } from './decisions.ts';
import { inboxItem } from './inbox-item.fixture.ts';

const approved: Decided = { tenantId: 't', outcome: 'approved', cap: null, expiresAt: null };

function setUp(answers: (() => Promise<Decided>)[]) {
  const sent: DecideIncreaseInput[] = [];
  const done = vi.fn();
  let keys = 0;
  const decisions = createDecisions({
    calls: {
      decide: (input) => {
        sent.push(input);
        return answers.shift()?.() ?? Promise.reject(new Error('no answer left'));
      },
      decideRaise: () => Promise.reject(new Error('not asked for')),
    },
    newKey: () => `key-${(keys += 1)}`,
    onDone: done,
  });
  return { decisions, sent, done };
}
const item = inboxItem();
const settled = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve));

test('a decision names the cap as the card showed it; a second click sends nothing', async () => {
  const { decisions, sent, done } = setUp([async () => approved]);
  decisions.decide(item, { kind: 'approve' });
  decisions.decide(item, { kind: 'approve' });
  await settled();
  decisions.decide(item, { kind: 'decline', reason: 'no' });
  expect(sent).toHaveLength(1);
  expect(sent[0]?.decision).toEqual({ kind: 'approve', expectedCapVersion: item.cap.version });
  expect(decisions.of(item.id).get()?.state).toBe('done');
  expect(decisions.last.get()?.result).toBe(approved);
  expect(done).toHaveBeenCalledOnce();
});

test('a no is shown in its own sentence, and can be followed by another decision', async () => {
  const refusal = new ORPCError('CONFLICT', { message: 'This request is approved already, by Priya.' });
  const { decisions, sent } = setUp([() => Promise.reject(refusal), async () => approved]);
  decisions.decide(item, { kind: 'approve' });
  await settled();
  expect(decisions.of(item.id).get()).toMatchObject({ state: 'refused', sentence: refusal.message });
  decisions.decide(item, { kind: 'decline', reason: 'no' });
  await settled();
  expect(sent.map(({ idempotencyKey }) => idempotencyKey)).toEqual(['key-1', 'key-2']);
});

test('after a broken line the very same is sent again', async () => {
  const { decisions, sent } = setUp([() => Promise.reject(new ConnectionLost()), async () => approved]);
  decisions.decide(item, { kind: 'approve', amountNanoUsd: 5n });
  await settled();
  decisions.sendAgain(item.id);
  await settled();
  expect(sent[1]).toEqual(sent[0]);
  expect(decisions.of(item.id).get()?.state).toBe('done');
});
