import { z } from 'zod';
import { nameProblem } from './names.ts';

/** Versions are counted in 32 bits. */
const MAX_VERSION = 2_147_483_647;

/** The version the operator saw; another one in the database is a conflict, never overwritten. */
export const expectedVersion = z.int().min(1).max(MAX_VERSION);

/** Made once a click: the same change sent twice has one effect. */
export const idempotencyKey = z.uuid();

/** Why somebody changes something, for the audit log. */
export const reason = z
  .string()
  .trim()
  .max(500)
  .refine((text) => !text.includes('\u0000'), 'Has a character that no keyboard types')
  .optional();

/** A name, without blanks around it. `what`: "A client’s name". */
export function named(what: string) {
  return z
    .string()
    .trim()
    .superRefine((name, context) => {
      const problem = nameProblem(what, name);
      if (problem !== null) context.addIssue({ code: 'custom', message: problem });
    });
}
