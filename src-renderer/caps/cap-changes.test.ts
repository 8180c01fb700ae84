import { ORPCError } from '@orpc/client';
import { describe, expect, it, vi } from 'vitest';
import type { ChangeCapInput, ChangeCapOutput } from '../../src-main/contract/caps.ts';
import { ConnectionLost } from '../ui/connection-lost.ts';
import { createCapChanges, type SeenCap } from './cap-changes.ts';

const seen: SeenCap = { tenantId: 'clinic', capId: 'cap', version: 3, limitNanoUsd: 25n };
const tenPercent = { kind: 'percent', percent: 10 } as const;

function agreed(input: ChangeCapInput): ChangeCapOutput {
  return {
    tenantId: input.tenantId,
    capId: input.capId,
    version: input.expectedVersion + 1,
    limitNanoUsd: 28n,
    previousLimitNanoUsd: 25n,
    committedNanoUsd: 20n,
    warning: null,
    changedAt: new Date(0),
  };
}

/** A platform whose answers the test gives one by one. */
function setUp(answers: ((input: ChangeCapInput) => ChangeCapOutput | Promise<ChangeCapOutput>)[]) {
  const sent: ChangeCapInput[] = [];
  const time = { ms: 1_000 };
  const onDone = vi.fn();
  const onConflict = vi.fn();
  let keys = 0;
  const changes = createCapChanges({
    send: async (input) => {
      sent.push(input);
      const answer = answers.shift();
      if (!answer) throw new Error('nothing was expected');
      return answer(input);
    },
    newKey: () => `key ${(keys += 1)}`,
    nowMs: () => time.ms,
    onDone,
    onConflict,
  });
  const state = () => changes.of('cap').get();
  const settled = () => vi.waitFor(() => expect(state()?.state).not.toBe('pending'));
  return { changes, sent, time, onDone, onConflict, state, settled };
}

const fails = (error: unknown) => (): never => {
  throw error;
};

describe('a change of a cap', () => {
  it('is pending until the database agreed, then done', async () => {
    const { changes, sent, state, settled, onDone } = setUp([agreed]);
    expect(changes.change(seen, tenPercent)).toBe(true);
    expect(state()).toMatchObject({ state: 'pending' });
    expect(onDone).not.toHaveBeenCalled();
    await settled();
    expect(state()).toMatchObject({ state: 'done', result: { limitNanoUsd: 28n } });
    expect(onDone).toHaveBeenCalledTimes(1);
    expect(sent).toEqual([
      { tenantId: 'clinic', capId: 'cap', expectedVersion: 3, idempotencyKey: 'key 1', change: tenPercent },
    ]);
  });

  it('is one change for a double click, also when the first was answered in between', async () => {
    const { changes, sent, time, settled } = setUp([agreed, agreed]);
    changes.change(seen, tenPercent);
    expect(changes.change(seen, tenPercent)).toBe(false);
    await settled();
    time.ms += 200;
    expect(changes.change(seen, tenPercent)).toBe(false);
    time.ms += 400;
    expect(changes.change(seen, tenPercent)).toBe(true);
    expect(sent.map(({ idempotencyKey }) => idempotencyKey)).toEqual(['key 1', 'key 2']);
  });

  it('shows both values after a conflict and sends nothing by itself', async () => {
    const cap = { currentLimitNanoUsd: 30n, currentVersion: 4, changedBy: 'vikram', changedAt: new Date(5) };
    const { changes, sent, state, settled, onConflict } = setUp([
      fails(new ORPCError('CONFLICT', { defined: true, data: { cap } })),
      agreed,
    ]);
    changes.change(seen, tenPercent);
    await settled();
    expect(state()).toMatchObject({ state: 'conflict', theirs: { limitNanoUsd: 30n, version: 4, by: 'vikram' } });
    expect(onConflict).toHaveBeenCalledTimes(1);
    expect(sent).toHaveLength(1);
    changes.applyMine('cap');
    await settled();
    expect(sent[1]).toMatchObject({ expectedVersion: 4, idempotencyKey: 'key 2', change: tenPercent });
    expect(state()).toMatchObject({ state: 'done' });
  });

  it('can leave what the other operator set', async () => {
    const cap = { currentLimitNanoUsd: 30n, currentVersion: 4, changedBy: null, changedAt: null };
    const { changes, sent, state, settled } = setUp([
      fails(new ORPCError('CONFLICT', { defined: true, data: { cap } })),
    ]);
    changes.change(seen, tenPercent);
    await settled();
    changes.dismiss('cap');
    expect(state()).toBeNull();
    expect(sent).toHaveLength(1);
  });

  it('asks again with the same key after a broken line', async () => {
    const { changes, sent, state, settled } = setUp([fails(new ConnectionLost()), agreed]);
    changes.change(seen, tenPercent);
    await settled();
    expect(state()).toMatchObject({ state: 'unanswered' });
    changes.sendAgain('cap');
    await settled();
    expect(sent.map(({ idempotencyKey }) => idempotencyKey)).toEqual(['key 1', 'key 1']);
    expect(state()).toMatchObject({ state: 'done' });
  });

  it.each([
    [new ORPCError('FORBIDDEN', { defined: true, message: 'You may raise by $5 more today.' }), /\$5 more/],
    [new ORPCError('FORBIDDEN', { defined: true }), /role may not/],
    [new ORPCError('UNAVAILABLE', { defined: true, status: 503 }), /can’t be reached/],
    [new ORPCError('INTERNAL_SERVER_ERROR'), /did not expect/],
    [new Error('socket of /etc/x'), /no answer that can be read/],
  ])('is refused with a sentence: %s', async (error, sentence) => {
    const { changes, state, settled } = setUp([fails(error)]);
    changes.change(seen, tenPercent);
    await settled();
    const ended = state();
    expect(ended?.state === 'refused' ? ended.sentence : ended).toMatch(sentence);
  });
});
