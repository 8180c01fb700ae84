import { ORPCError } from '@orpc/client';
import { describe, expect, it, vi } from 'vitest';
import type { AddOverrideInput, ChangeCapInput, ChangeCapOutput, UndoCapInput } from '../../src-main/contract/caps.ts';
import { ConnectionLost } from '../ui/connection-lost.ts';
import { createCapChanges, type SeenCap } from './cap-changes.ts';

const seen: SeenCap = { tenantId: 'clinic', capId: 'cap', version: 3, limitNanoUsd: 25n, overrideNanoUsd: 0n };
const tenPercent = { kind: 'percent', percent: 10 } as const;

function agreed(input: ChangeCapInput): ChangeCapOutput {
  return {
    tenantId: input.tenantId,
    capId: input.capId,
    version: input.expectedVersion + 1,
    limitNanoUsd: 28n,
    previousLimitNanoUsd: 25n,
    committedNanoUsd: 20n,
    overrideNanoUsd: 0n,
    warning: null,
    changedAt: new Date(0),
    waiting: null,
    undoForMs: 30_000,
  };
}

/** A platform whose answers the test gives one by one. */
function setUp(answers: ((input: ChangeCapInput) => ChangeCapOutput | Promise<ChangeCapOutput>)[]) {
  const sent: ChangeCapInput[] = [];
  const undone: UndoCapInput[] = [];
  const added: AddOverrideInput[] = [];
  const time = { ms: 1_000 };
  const onDone = vi.fn();
  const onConflict = vi.fn();
  let keys = 0;
  async function answerTo(input: ChangeCapInput): Promise<ChangeCapOutput> {
    const answer = answers.shift();
    if (!answer) throw new Error('nothing was expected');
    return answer(input);
  }
  const changes = createCapChanges({
    calls: {
      change: async (input) => {
        sent.push(input);
        return answerTo(input);
      },
      undo: async (input) => {
        undone.push(input);
        return { ...(await answerTo({ ...input, change: tenPercent })), undoForMs: null };
      },
      addOverride: async (input) => {
        added.push(input);
        const { undoForMs: _never, ...answer } = await answerTo({ ...input, change: tenPercent });
        return { ...answer, overrideNanoUsd: 5n, overrideId: 'override', amountNanoUsd: 5n, endsAt: new Date(9) };
      },
      removeOverride: async (input) => {
        const change = { ...input, capId: 'cap', expectedVersion: 4, change: tenPercent };
        const { undoForMs: _never, ...answer } = await answerTo(change);
        return { ...answer, overrideId: input.overrideId, amountNanoUsd: 5n, endsAt: null };
      },
    },
    newKey: () => `key ${(keys += 1)}`,
    nowMs: () => time.ms,
    onDone,
    onConflict,
  });
  const state = () => changes.of('cap').get();
  const settled = () => vi.waitFor(() => expect(state()?.state).not.toBe('pending'));
  return { changes, sent, undone, added, time, onDone, onConflict, state, settled };
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
    const cap = {
      currentLimitNanoUsd: 30n,
      currentVersion: 4,
      currentOverrideNanoUsd: 2n,
      changedBy: 'vikram',
      changedAt: new Date(5),
    };
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
    const cap = {
      currentLimitNanoUsd: 30n,
      currentVersion: 4,
      currentOverrideNanoUsd: 2n,
      changedBy: null,
      changedAt: null,
    };
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

describe('the undo of a change', () => {
  it('can be had for thirty seconds from the click, of the version it made', async () => {
    const { changes, undone, time, state, settled } = setUp([agreed, agreed]);
    changes.change(seen, tenPercent);
    expect(changes.undoLeftMs('cap', 4)).toBe(0);
    await settled();
    time.ms += 3_000;
    expect(changes.undoLeftMs('cap', 4)).toBe(27_000);
    changes.undo('cap', 4);
    await settled();
    expect(undone).toEqual([{ tenantId: 'clinic', capId: 'cap', expectedVersion: 4, idempotencyKey: 'key 2' }]);
    expect(state()).toMatchObject({ state: 'done', intent: { kind: 'undo' } });
    expect(changes.undoLeftMs('cap', 5), 'an undo is not undone').toBe(0);
  });

  it('is gone after that, and when somebody else changed the cap', async () => {
    const { changes, undone, time, settled } = setUp([agreed]);
    changes.change(seen, tenPercent);
    await settled();
    expect(changes.undoLeftMs('cap', 5)).toBe(0);
    changes.undo('cap', 5);
    time.ms += 30_000;
    expect(changes.undoLeftMs('cap', 4)).toBe(0);
    changes.undo('cap', 4);
    expect(undone).toEqual([]);
  });

  it('that somebody was faster with is refused with what the database says, and the cap is shown as it is', async () => {
    const cap = {
      currentLimitNanoUsd: 30n,
      currentVersion: 5,
      currentOverrideNanoUsd: 0n,
      changedBy: 'vikram',
      changedAt: null,
    };
    const { changes, state, settled, onConflict } = setUp([
      agreed,
      fails(new ORPCError('CONFLICT', { defined: true, message: 'It is 30 now.', data: { cap } })),
    ]);
    changes.change(seen, tenPercent);
    await settled();
    changes.undo('cap', 4);
    await settled();
    expect(state()).toMatchObject({ state: 'refused', sentence: 'It is 30 now.' });
    expect(onConflict.mock.calls[0]?.[1]).toMatchObject({ limitNanoUsd: 30n, version: 5 });
  });

  it('is sent again with the same key after a broken line', async () => {
    const { changes, undone, settled } = setUp([agreed, fails(new ConnectionLost()), agreed]);
    changes.change(seen, tenPercent);
    await settled();
    changes.undo('cap', 4);
    await settled();
    changes.sendAgain('cap');
    await settled();
    expect(undone.map(({ idempotencyKey }) => idempotencyKey)).toEqual(['key 2', 'key 2']);
  });
});

describe('a temporary raise', () => {
  const intent = { kind: 'override', amountNanoUsd: 5n, end: { until: 'removed' } } as const;

  it('is agreed to with its end, and offers no undo: it can be removed', async () => {
    const { changes, added, state, settled } = setUp([agreed]);
    changes.change(seen, intent);
    await settled();
    expect(added).toMatchObject([{ amountNanoUsd: 5n, end: { until: 'removed' }, expectedVersion: 3 }]);
    expect(state()).toMatchObject({ state: 'done', result: { overrideNanoUsd: 5n, endsAt: new Date(9) } });
    expect(changes.undoLeftMs('cap', 4)).toBe(0);
  });

  it('shows a conflict, and is applied to the cap as it is now', async () => {
    const cap = {
      currentLimitNanoUsd: 30n,
      currentVersion: 4,
      currentOverrideNanoUsd: 2n,
      changedBy: null,
      changedAt: null,
    };
    const { changes, added, state, settled } = setUp([
      fails(new ORPCError('CONFLICT', { defined: true, data: { cap } })),
      agreed,
    ]);
    changes.change(seen, intent);
    await settled();
    expect(state()).toMatchObject({ state: 'conflict', theirs: { limitNanoUsd: 30n, overrideNanoUsd: 2n } });
    changes.applyMine('cap');
    await settled();
    expect(added.map(({ expectedVersion }) => expectedVersion)).toEqual([3, 4]);
  });

  it('can be removed as soon as it is there: that is another click, not the second half of one', async () => {
    const { changes, settled } = setUp([agreed, agreed]);
    changes.change(seen, intent);
    await settled();
    const removal = { kind: 'remove', overrideId: 'override', amountNanoUsd: 5n } as const;
    expect(changes.change(seen, removal)).toBe(true);
    await settled();
    expect(changes.change(seen, removal)).toBe(false);
  });

  it('is removed once', async () => {
    const { changes, state, settled } = setUp([agreed]);
    changes.change(seen, { kind: 'remove', overrideId: 'override', amountNanoUsd: 5n });
    await settled();
    expect(state()).toMatchObject({ state: 'done', result: { undoForMs: null } });
  });
});
