import { describe, expect, it } from 'vitest';
import type { BoardFrame, BoardRow } from '../../src-main/contract/board.ts';
import { boardRow } from './board-row.fixture.ts';
import { createBoardStore } from './board-store.ts';

function frame(kind: BoardFrame['kind'], rows: BoardRow[], removed: string[] = []): BoardFrame {
  return {
    kind,
    at: new Date('2026-11-20T08:00:00Z'),
    keptAsOf: null,
    returns: 1,
    rows,
    removed,
    summary: {
      tenants: rows.length,
      needAttention: 0,
      spentTodayNanoUsd: 0n,
      committedNanoUsd: 0n,
      callsLastMinute: null,
      refusedLastHour: null,
      refusingTenants: 0,
    },
  };
}

const clinic = boardRow({ name: 'Clinic B' });
const salon = boardRow({ name: 'Salon A' });

function loaded(): ReturnType<typeof createBoardStore> {
  const store = createBoardStore(() => 0);
  store.apply(frame('snapshot', [clinic, salon]));
  return store;
}

describe('the mirror of the board', () => {
  it('knows nothing before the first frame', () => {
    expect(createBoardStore(() => 0).data.get()).toBeNull();
  });

  it('takes changes into the snapshot, and a snapshot in the place of everything', () => {
    const store = loaded();
    store.apply(frame('changes', [boardRow({ name: 'Salon A', percent: 77 })], [clinic.tenantId]));
    expect([...(store.data.get()?.rows.keys() ?? [])]).toEqual(['Salon A']);
    store.apply(frame('snapshot', [clinic]));
    expect([...(store.data.get()?.rows.keys() ?? [])]).toEqual(['Clinic B']);
  });

  it('leaves rows alone that did not change', () => {
    const store = loaded();
    store.apply(frame('changes', [boardRow({ name: 'Salon A', percent: 77 })]));
    expect(store.data.get()?.rows.get('Clinic B')).toBe(clinic);
  });

  it('shows a cap the database agreed to, and lets no older frame take it back', () => {
    const store = loaded();
    const cap = {
      tenantId: clinic.tenantId,
      capId: clinic.cap!.capId,
      version: 2,
      limitNanoUsd: 110n,
      overrideNanoUsd: 0n,
    };
    store.applyCap(cap);
    expect(store.data.get()?.rows.get('Clinic B')?.cap).toMatchObject({ version: 2, limitNanoUsd: 110n });
    store.apply(frame('changes', [boardRow({ name: 'Clinic B', percent: 50 })]));
    expect(store.data.get()?.rows.get('Clinic B')?.cap).toMatchObject({ version: 2, limitNanoUsd: 110n });
    const newer = boardRow({ name: 'Clinic B', cap: { ...clinic.cap!, version: 3, limitNanoUsd: 90n } });
    store.apply(frame('changes', [newer]));
    expect(store.data.get()?.rows.get('Clinic B')?.cap).toMatchObject({ version: 3, limitNanoUsd: 90n });
  });

  it('keeps what was agreed to of two caps apart', () => {
    const dayCap = { ...clinic.cap!, capId: 'daily cap', committedNanoUsd: 1n, heldNanoUsd: 0n };
    const both = boardRow({ name: 'Clinic B', dayCap });
    const store = loaded();
    store.apply(frame('changes', [both]));
    const { tenantId } = clinic;
    store.applyCap({ tenantId, capId: 'daily cap', version: 2, limitNanoUsd: 7n, overrideNanoUsd: 0n });
    store.applyCap({ tenantId, capId: clinic.cap!.capId, version: 3, limitNanoUsd: 9n, overrideNanoUsd: 0n });
    store.apply(frame('changes', [both]));
    expect(store.data.get()?.rows.get('Clinic B')).toMatchObject({
      cap: { version: 3, limitNanoUsd: 9n },
      dayCap: { version: 2, limitNanoUsd: 7n, committedNanoUsd: 1n },
    });
  });

  it('counts who came or went, and caps that changed', () => {
    const store = loaded();
    const before = store.data.get()!;
    store.apply(frame('changes', [boardRow({ name: 'Salon A', percent: 77 })]));
    expect(store.data.get()).toMatchObject({ membership: before.membership, capChanges: before.capChanges });
    store.apply(frame('changes', [boardRow({ name: 'Salon A', cap: { ...salon.cap!, version: 2 } })], ['Clinic B']));
    expect(store.data.get()).toMatchObject({ membership: before.membership + 1, capChanges: before.capChanges + 1 });
  });
});
