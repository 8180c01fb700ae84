import { boundOf } from '../pricing/cost.ts';
import type { Price } from '../pricing/price.ts';

/** Finds a lower bound of a call's cost than its bytes give. */
export interface TokenBounds {
  /** Nano-USD; undefined where counting can't vouch for anything, takes too long, or would not fit in `remaining` either. */
  tighter(price: Price, body: string, bytes: number, mostOutputTokens: number, remaining: bigint): bigint | undefined;
}

/** Bodies up to this size are worth counting: about 100 µs a KB. */
const LARGEST_COUNTED_BYTES = 64 * 1024;
/**
 * A tokenizer takes quadratic time over a long run without a word's end ("aaaa…"), which would let one tenant hold up all others. Pieces
 * of this many characters keep it linear; what a cut in the middle of a word adds to the count only raises the bound.
 */
const PIECE_CHARACTERS = 256;
/** Room for the tokens that a provider puts around messages and tools. */
const EXTRA_TOKENS = 64;
/** Most time spent on counting in one second, for all tenants together; beyond it the bytes have to do. */
const MOST_MS_PER_SECOND = 100;
/** Models whose vocabulary is known; a count with another vocabulary would be no upper bound. */
const COUNTED_MODELS = /^(gpt-4o|gpt-4\.1|gpt-5|o[134])/;
const COUNTED_PROVIDERS = new Set(['openai']);

/**
 * Counts the tokens of the whole JSON body: it holds everything that the provider turns into tokens and more besides. Loads the
 * vocabulary first (some 200 ms).
 */
export async function loadTokenBounds(monotonic: () => number): Promise<TokenBounds> {
  const { countTokens } = await import('gpt-tokenizer/encoding/o200k_base');
  let second = 0;
  let spentMs = 0;

  function count(body: string): number | undefined {
    let tokens = EXTRA_TOKENS;
    for (let start = 0; start < body.length; start += PIECE_CHARACTERS) {
      const startedAt = monotonic();
      if (Math.floor(startedAt / 1_000) !== second) {
        second = Math.floor(startedAt / 1_000);
        spentMs = 0;
      }
      if (spentMs > MOST_MS_PER_SECOND) return undefined;
      tokens += countTokens(body.slice(start, start + PIECE_CHARACTERS));
      spentMs += monotonic() - startedAt;
    }
    return tokens;
  }

  return {
    tighter: (price, body, bytes, mostOutputTokens, remaining) => {
      const countable = COUNTED_PROVIDERS.has(price.provider) && COUNTED_MODELS.test(price.model);
      if (!countable || bytes > LARGEST_COUNTED_BYTES) return undefined;
      // Not worth a look when the answer alone may cost more than there is.
      if (boundOf(price, EXTRA_TOKENS, mostOutputTokens) > remaining) return undefined;
      const tokens = count(body);
      if (tokens === undefined || tokens >= bytes) return undefined;
      const bound = boundOf(price, tokens, mostOutputTokens);
      return bound > remaining ? undefined : bound;
    },
  };
}
