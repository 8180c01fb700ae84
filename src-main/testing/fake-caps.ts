/** Caps of the pretend console, kept in memory: versions, conflicts, undo and overrides, each change once a key. */
import { setTimeout as delay } from 'node:timers/promises';
import { implement } from '@orpc/server';
import { limitInForce } from '../board/board-rules.ts';
import { raisedByPercent } from '../caps/cap-percent.ts';
import type { BoardRow } from '../contract/board.ts';
import type { CapOverride, ChangeCapInput, ChangeCapOutput } from '../contract/caps.ts';
import { contract } from '../contract/contract.ts';
import { fakeId, judged } from './fake-tenants.ts';

const UNDO_MS = 30_000;
const DAY_MS = 86_400_000;

type Cap = NonNullable<BoardRow['cap']>;

export interface FakeCapsOptions {
  readonly row: (tenantId: string) => BoardRow | undefined;
  /** Keeps the new row and writes the audit entry. */
  readonly changed: (before: BoardRow, login: string, action: string, after: BoardRow) => void;
  /** Milliseconds a change takes. */
  readonly changeMs: number;
}

export function createFakeCaps({ row: rowOf, changed, changeMs }: FakeCapsOptions) {
  const answers = new Map<string, unknown>();
  const overridesOf = new Map<string, CapOverride[]>();
  const lastChange = new Map<string, { version: number; limitNanoUsd: bigint; at: number; login: string }>();
  const os = implement(contract.caps);

  function write(row: BoardRow, login: string, action: string, limitNanoUsd: bigint): Cap {
    const { cap } = row;
    if (cap === null) throw new Error('The pretend tenant has no cap.');
    const overrides = overridesOf.get(cap.capId) ?? [];
    const ends = overrides.flatMap(({ endsAt }) => endsAt?.getTime() ?? []);
    const next = {
      ...cap,
      limitNanoUsd,
      version: cap.version + 1,
      override:
        overrides.length === 0
          ? null
          : {
              amountNanoUsd: overrides.reduce((sum, { amountNanoUsd }) => sum + amountNanoUsd, 0n),
              count: overrides.length,
              nextEnd: ends.length === 0 ? null : new Date(Math.min(...ends)),
            },
    };
    lastChange.set(cap.capId, { version: next.version, limitNanoUsd: cap.limitNanoUsd, at: Date.now(), login });
    changed(row, login, action, judged({ ...row, cap: next, refusingSince: null }));
    return next;
  }

  function answer(row: BoardRow, before: Cap, after: Cap): Omit<ChangeCapOutput, 'undoForMs'> {
    const committedNanoUsd = row.committedNanoUsd ?? 0n;
    return {
      tenantId: row.tenantId,
      capId: after.capId,
      version: after.version,
      limitNanoUsd: after.limitNanoUsd,
      previousLimitNanoUsd: before.limitNanoUsd,
      overrideNanoUsd: after.override?.amountNanoUsd ?? 0n,
      committedNanoUsd,
      warning: limitInForce(after) < committedNanoUsd ? 'below_committed' : null,
      changedAt: new Date(),
      waiting: null,
    };
  }

  function conflict(cap: Cap) {
    const last = lastChange.get(cap.capId);
    return {
      message: 'The cap was changed meanwhile. Look at the new value, then decide again.',
      data: {
        cap: {
          currentLimitNanoUsd: cap.limitNanoUsd,
          currentVersion: cap.version,
          currentOverrideNanoUsd: cap.override?.amountNanoUsd ?? 0n,
          changedBy: last?.login ?? null,
          changedAt: last ? new Date(last.at) : null,
        },
      },
    };
  }

  /** The first answer to a key again; else what `make` answers. */
  async function once<Answer>(key: string, make: () => Answer): Promise<Answer> {
    await delay(changeMs);
    // Only ever read as what the same call put there.
    if (!answers.has(key)) answers.set(key, make());
    return answers.get(key) as Answer;
  }

  const handlers = {
    change: os.change.handler(({ input, errors }) =>
      once(input.idempotencyKey, () => {
        const row = rowOf(input.tenantId);
        if (!row?.cap || row.cap.capId !== input.capId) throw errors.NOT_FOUND({ message: 'There is no such cap.' });
        if (row.cap.version !== input.expectedVersion) throw errors.CONFLICT(conflict(row.cap));
        const after = write(row, 'asha', 'cap.set', wantedLimit(input, row.cap.limitNanoUsd));
        return { ...answer(row, row.cap, after), undoForMs: UNDO_MS };
      }),
    ),
    undo: os.undo.handler(({ input, errors }) =>
      once(input.idempotencyKey, () => {
        const row = rowOf(input.tenantId);
        const last = lastChange.get(input.capId);
        if (!row?.cap || row.cap.capId !== input.capId) throw errors.NOT_FOUND({ message: 'There is no such cap.' });
        if (row.cap.version !== input.expectedVersion) throw errors.CONFLICT(conflict(row.cap));
        if (last?.login !== 'asha' || Date.now() - last.at > UNDO_MS) {
          throw errors.FORBIDDEN({ message: 'A change can be undone for 30 seconds. Set the cap instead.' });
        }
        const after = write(row, 'asha', 'cap.undo', last.limitNanoUsd);
        return { ...answer(row, row.cap, after), undoForMs: null };
      }),
    ),
    addOverride: os.addOverride.handler(({ input, errors }) =>
      once(input.idempotencyKey, () => {
        const row = rowOf(input.tenantId);
        if (!row?.cap || row.cap.capId !== input.capId) throw errors.NOT_FOUND({ message: 'There is no such cap.' });
        if (row.cap.version !== input.expectedVersion) throw errors.CONFLICT(conflict(row.cap));
        const known = overridesOf.get(input.capId) ?? [];
        const { until } = input.end;
        const endsAt = { period_end: row.cap.periodEnd, date: new Date(Date.now() + DAY_MS), removed: null }[until];
        const override: CapOverride = {
          overrideId: fakeId(5, answers.size),
          amountNanoUsd: input.amountNanoUsd,
          until,
          endsAt,
          createdAt: new Date(),
          createdBy: 'asha',
          reason: input.reason ?? null,
        };
        overridesOf.set(input.capId, [...known, override]);
        const after = write(row, 'asha', 'cap.override.add', row.cap.limitNanoUsd);
        const { overrideId, amountNanoUsd } = override;
        return { ...answer(row, row.cap, after), overrideId, amountNanoUsd, endsAt };
      }),
    ),
    removeOverride: os.removeOverride.handler(({ input, errors }) =>
      once(input.idempotencyKey, () => {
        const row = rowOf(input.tenantId);
        const known = overridesOf.get(row?.cap?.capId ?? '') ?? [];
        const override = known.find(({ overrideId }) => overrideId === input.overrideId);
        if (!row?.cap || !override) throw errors.NOT_FOUND({ message: 'There is no such temporary raise.' });
        const rest = known.filter((other) => other !== override);
        overridesOf.set(row.cap.capId, rest);
        const after = write(row, 'asha', 'cap.override.remove', row.cap.limitNanoUsd);
        const { overrideId, amountNanoUsd, endsAt } = override;
        return { ...answer(row, row.cap, after), overrideId, amountNanoUsd, endsAt };
      }),
    ),
    overrides: os.overrides.handler(({ input }) => ({ overrides: overridesOf.get(input.capId) ?? [] })),
  };

  return {
    handlers,
    changeElsewhere(tenantId: string, limitNanoUsd: bigint): void {
      const row = rowOf(tenantId);
      if (row?.cap) write(row, 'vikram', 'cap.set', limitNanoUsd);
    },
  };
}

function wantedLimit({ change }: ChangeCapInput, limitNanoUsd: bigint): bigint {
  return change.kind === 'set' ? change.limitNanoUsd : raisedByPercent(limitNanoUsd, change.percent);
}
