import { z } from 'zod';
import type {
  AddOverrideInput,
  CapOverride,
  ChangeCapInput,
  ChangeCapOutput,
  ChangeOverrideOutput,
  RemoveOverrideInput,
  UndoCapInput,
} from '../contract/caps.ts';
import type { CapConflict } from '../contract/errors.ts';
import { MAX_CAP_NANO_USD } from '../contract/money.ts';
import { OperatorError, PlatformRefusal } from '../infra/operator-error.ts';
import type { CapChanged, CapNow, CapsRepository, OverrideChanged } from './caps-repository.ts';
import { raisedByPercent } from './cap-percent.ts';

export interface CapsService {
  /**
   * Changes a cap once. Throws OperatorError: CONFLICT (with the cap as it is now) when it is not at the expected version,
   * NOT_FOUND, FORBIDDEN, BAD_REQUEST, or UNAVAILABLE: then nothing is kept for later, the operator decides again.
   */
  change(input: ChangeCapInput): Promise<ChangeCapOutput>;
  /** Takes the operator's own last change back, while it is theirs, young and the cap's current version. Errors likewise. */
  undo(input: UndoCapInput): Promise<ChangeCapOutput>;
  /** Raises a cap for a time, once. Errors likewise. */
  addOverride(input: AddOverrideInput): Promise<ChangeOverrideOutput>;
  /** Errors likewise; CONFLICT: somebody else removed it. */
  removeOverride(input: RemoveOverrideInput): Promise<ChangeOverrideOutput>;
  overrides(tenantId: string, capId: string): Promise<{ overrides: CapOverride[] }>;
}

const CHANGED_MEANWHILE = 'The cap was changed meanwhile. Look at its value now, then decide again.';

/** What `platform.set_cap` tells about a cap that is at another version. */
const conflictDetail = z.object({
  currentLimit: z.int().transform(BigInt),
  currentVersion: z.int(),
  currentOverride: z.int().transform(BigInt).default(0n),
  changedBy: z.string().nullish(),
  changedAt: z.iso
    .datetime({ offset: true })
    .transform((text) => new Date(text))
    .nullish(),
});

/** `changed` hears of each tenant whose cap was changed, so that its row need not wait for the notification. */
export function createCapsService(repository: CapsRepository, changed: (tenantId: string) => void): CapsService {
  /**
   * A percentage counts from the limit the operator saw. That of an older version is looked up, so that a click whose
   * answer got lost can be sent again and has the same amount, hence the same effect.
   */
  async function limitSeen(input: ChangeCapInput): Promise<bigint> {
    const cap = await repository.find(input.tenantId, input.capId);
    if (cap === undefined) {
      throw new OperatorError('NOT_FOUND', 'There is no such cap among the tenants you may see.');
    }
    if (cap.version === input.expectedVersion) return cap.limitNanoUsd;
    const limit = await repository.limitInVersion(input.tenantId, input.capId, input.expectedVersion);
    if (limit === undefined) {
      throw new OperatorError('CONFLICT', CHANGED_MEANWHILE, { data: { cap: conflictWith(cap) } });
    }
    return limit;
  }

  async function wantedLimit(input: ChangeCapInput): Promise<bigint> {
    if (input.change.kind === 'set') return input.change.limitNanoUsd;
    const seen = await limitSeen(input);
    const limit = raisedByPercent(seen, input.change.percent);
    if (limit > MAX_CAP_NANO_USD) {
      throw new OperatorError('BAD_REQUEST', 'A cap may be 9,000,000 USD a period at most. Enter a lower value.');
    }
    if (limit === seen) {
      throw new OperatorError('BAD_REQUEST', 'A percentage of a cap of 0 is 0. Enter a value instead.');
    }
    return limit;
  }

  /** Runs a change of a tenant's cap; a conflict gets the cap as it is now. */
  async function run<Answer>(tenantId: string, change: () => Promise<Answer>): Promise<Answer> {
    try {
      return await change();
    } catch (error) {
      throw withBothValues(error);
    } finally {
      // Also after a failure: a conflict means that the window shows an old value.
      changed(tenantId);
    }
  }

  return {
    async change(input) {
      const { tenantId, capId, expectedVersion, idempotencyKey } = input;
      const limitNanoUsd = await wantedLimit(input);
      const reason = given(input.reason);
      return run(tenantId, async () =>
        capOutput(
          tenantId,
          await repository.setCap({ tenantId, capId, limitNanoUsd, expectedVersion, idempotencyKey, reason }),
        ),
      );
    },
    undo: ({ tenantId, capId, expectedVersion: version, idempotencyKey }) =>
      run(tenantId, async () =>
        capOutput(tenantId, await repository.undoCapChange({ tenantId, capId, version, idempotencyKey })),
      ),
    addOverride: ({ end, reason, ...input }) =>
      run(input.tenantId, async () => {
        const endsLocal = end.until === 'date' ? end.localDateTime : null;
        const change = { ...input, until: end.until, endsLocal, reason: given(reason) };
        return overrideOutput(input.tenantId, await repository.addOverride(change));
      }),
    removeOverride: ({ reason, ...input }) =>
      run(input.tenantId, async () =>
        overrideOutput(input.tenantId, await repository.removeOverride({ ...input, reason: given(reason) })),
      ),
    overrides: async (tenantId, capId) => ({ overrides: await repository.overrides(tenantId, capId) }),
  };
}

function given(reason: string | undefined): string | null {
  return reason === undefined || reason === '' ? null : reason;
}

function capOutput(tenantId: string, done: CapChanged): ChangeCapOutput {
  const { undoSeconds, ...answer } = done;
  return { ...shared(tenantId, answer), undoForMs: undoSeconds === null ? null : undoSeconds * 1_000 };
}

function overrideOutput(tenantId: string, done: OverrideChanged): ChangeOverrideOutput {
  const { overrideId, amountNanoUsd, endsAt, ...answer } = done;
  return { ...shared(tenantId, answer), overrideId, amountNanoUsd, endsAt };
}

function shared(
  tenantId: string,
  { chargedNanoUsd, inForceNanoUsd, ...answer }: Omit<CapChanged, 'undoSeconds'>,
): Omit<ChangeCapOutput, 'undoForMs'> {
  const overrideNanoUsd = inForceNanoUsd - answer.limitNanoUsd;
  return { tenantId, ...answer, overrideNanoUsd, committedNanoUsd: chargedNanoUsd };
}

function conflictWith(cap: CapNow): CapConflict {
  return {
    currentLimitNanoUsd: cap.limitNanoUsd,
    currentVersion: cap.version,
    currentOverrideNanoUsd: cap.overrideNanoUsd,
    changedBy: cap.changedBy,
    changedAt: cap.changedAt,
  };
}

/** A conflict that the database found, with the cap as the database has it. */
function withBothValues(error: unknown): unknown {
  if (!(error instanceof PlatformRefusal) || error.code !== 'CONFLICT') return error;
  const detail = conflictDetail.safeParse(parseJson(error.detail ?? ''));
  const cap = detail.success
    ? {
        currentLimitNanoUsd: detail.data.currentLimit,
        currentVersion: detail.data.currentVersion,
        currentOverrideNanoUsd: detail.data.currentOverride,
        changedBy: detail.data.changedBy ?? null,
        changedAt: detail.data.changedAt ?? null,
      }
    : undefined;
  return new OperatorError('CONFLICT', error.message, { data: { cap }, cause: error });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
