import type { LowerBound, LowerBounds } from '../grants/waiting-calls.ts';
import { boundOf, mostOutputWithin } from '../pricing/cost.ts';
import type { Price } from '../pricing/price.ts';
import type { TokenBounds } from './token-bound.ts';

/** A call as its first, quick bound was made. */
export interface QuickBound {
  readonly price: Price;
  readonly body: string;
  /** Of the body: no fewer than its tokens. */
  readonly bytes: number;
  /** Output tokens of each answer, at most. */
  readonly outputLimit: number;
  readonly choices: number;
  /** The tenant lets its last call be trimmed. */
  readonly trims: boolean;
}

/** A shorter answer than this is no use, nor one of less than a quarter of what was asked for. */
const LEAST_USEFUL_TOKENS = 256;
const LEAST_USEFUL_PART = 4;

/**
 * Lower bounds of a call whose quick bound would be refused: its tokens are counted; when that isn't enough, and what remains covers
 * the input and a useful answer, its output limit is lowered to what fits.
 */
export function createLowerBounds(call: QuickBound, tokenBounds: TokenBounds): LowerBounds {
  const { price, body, bytes, outputLimit, choices, trims } = call;
  const useful = trims ? usefulOutput(outputLimit) : outputLimit;
  let counted: number | undefined;

  return (remaining): LowerBound | undefined => {
    if (boundOf(price, counted ?? tokenBounds.least(price, bytes), useful * choices) > remaining) return undefined;
    counted ??= tokenBounds.count(price, body, bytes);
    const input = counted ?? bytes;
    const whole = boundOf(price, input, outputLimit * choices);
    if (whole <= remaining) return { bound: whole, trimmedTo: null };
    const trimmedTo = Math.floor(mostOutputWithin(price, input, remaining) / choices);
    if (trimmedTo < useful) return undefined;
    return { bound: boundOf(price, input, trimmedTo * choices), trimmedTo };
  };
}

/** The least that an answer limited to so many tokens may be trimmed to. */
function usefulOutput(limit: number): number {
  return Math.min(limit, Math.max(LEAST_USEFUL_TOKENS, Math.ceil(limit / LEAST_USEFUL_PART)));
}
