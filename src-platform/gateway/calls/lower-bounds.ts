import type { LowerBound, LowerBounds } from '../grants/waiting-calls.ts';
import { boundOf, mostOutputWithin } from '../pricing/cost.ts';
import type { Price } from '../pricing/price.ts';
import type { TokenBounds } from './token-bound.ts';

/** A call as its first, quick bound was made. */
export interface QuickBound {
  readonly price: Price;
  readonly body: string;
  /** Tokens that it has at most, by its bytes. */
  readonly input: number;
  /** Of these, tokens that no text stands for; null: the body holds what no tokenizer can count. */
  readonly added: number | null;
  /** Its prompt may be written to the provider's cache for an hour. */
  readonly hourCaching: boolean;
  /** Output tokens of each answer, at most. */
  readonly outputLimit: number;
  /** Below this output limit the provider would refuse it. */
  readonly leastOutputLimit: number;
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
  const { price, input, added, hourCaching, outputLimit, choices, trims } = call;
  const useful = trims ? Math.max(usefulOutput(outputLimit), call.leastOutputLimit) : outputLimit;
  let counted: number | undefined;

  return (remaining): LowerBound | undefined => {
    const least = counted ?? (added === null ? input : added + tokenBounds.least(price, input - added));
    if (boundOf(price, { input: least, output: useful * choices, hourCaching }) > remaining) return undefined;
    counted ??= countedInput(call, tokenBounds);
    const most = { input: counted, hourCaching };
    const whole = boundOf(price, { ...most, output: outputLimit * choices });
    if (whole <= remaining) return { bound: whole, trimmedTo: null };
    const trimmedTo = Math.floor(mostOutputWithin(price, most, remaining) / choices);
    if (trimmedTo < useful) return undefined;
    return { bound: boundOf(price, { ...most, output: trimmedTo * choices }), trimmedTo };
  };
}

/** The tokens that it has at most, counted where they can be. */
export function countedInput({ price, body, input, added }: QuickBound, tokenBounds: TokenBounds): number {
  if (added === null) return input;
  const tokens = tokenBounds.count(price, body, input - added);
  return tokens === undefined ? input : tokens + added;
}

/** The least that an answer limited to so many tokens may be trimmed to. */
function usefulOutput(limit: number): number {
  return Math.min(limit, Math.max(LEAST_USEFUL_TOKENS, Math.ceil(limit / LEAST_USEFUL_PART)));
}
