import { oc } from '@orpc/contract';
import { z } from 'zod';
import { nanoUsd } from './money.ts';

/** Both values of a cap that two operators changed at once. */
export const capConflict = z.object({
  currentLimitNanoUsd: nanoUsd,
  currentVersion: z.int(),
  changedBy: z.string().nullable(),
  changedAt: z.date().nullable(),
});

/**
 * The closed list of errors a call can answer with. `message` is a sentence for the operator; nothing else of an error
 * leaves the main side. Anything unexpected is logged there and becomes INTERNAL.
 */
export const base = oc.errors({
  BAD_REQUEST: { status: 400 },
  UNAUTHORIZED: { status: 401 },
  FORBIDDEN: { status: 403 },
  NOT_FOUND: { status: 404 },
  CONFLICT: { status: 409, data: z.object({ cap: capConflict.optional() }) },
  UNAVAILABLE: { status: 503 },
  INTERNAL: { status: 500 },
});
