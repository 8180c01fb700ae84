import { z } from 'zod';

/** Most nano-USD a cap may be: 9 million USD a period, so that every amount also fits a double. */
export const MAX_CAP_NANO_USD = 9_000_000_000_000_000n;

/** AI cost in nano-USD (1 USD = 1,000,000,000). */
export const nanoUsd = z.bigint();

/** A cap as an operator may enter it. */
export const capNanoUsd = z.bigint().min(0n).max(MAX_CAP_NANO_USD);
