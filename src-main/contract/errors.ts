import { oc } from '@orpc/contract';
import { z } from 'zod';
import { nanoUsd } from './money.ts';

/** Both values of a cap that two operators changed at once. */
export const capConflict = z.object({
  currentLimitNanoUsd: nanoUsd,
  currentVersion: z.int(),
  /** What its overrides add to it. */
  currentOverrideNanoUsd: nanoUsd,
  changedBy: z.string().nullable(),
  changedAt: z.date().nullable(),
});

/** The closed list of codes, with their HTTP-like status. */
export const ERROR_STATUS = {
  BAD_REQUEST: 400,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  UNAVAILABLE: 503,
  INTERNAL: 500,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUS;

/**
 * The errors a call can answer with. `message` is a sentence for the operator; nothing else of an error leaves the main
 * side. Anything unexpected is logged there and becomes INTERNAL.
 */
export const base = oc.errors({
  BAD_REQUEST: { status: ERROR_STATUS.BAD_REQUEST },
  UNAUTHORIZED: { status: ERROR_STATUS.UNAUTHORIZED },
  FORBIDDEN: { status: ERROR_STATUS.FORBIDDEN },
  NOT_FOUND: { status: ERROR_STATUS.NOT_FOUND },
  CONFLICT: { status: ERROR_STATUS.CONFLICT, data: z.object({ cap: capConflict.optional() }) },
  UNAVAILABLE: { status: ERROR_STATUS.UNAVAILABLE },
  INTERNAL: { status: ERROR_STATUS.INTERNAL },
});

export type CapConflict = z.infer<typeof capConflict>;
