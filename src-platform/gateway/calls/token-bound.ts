import type { Price } from '../pricing/price.ts';

/** Finds how many tokens a body has at most, where its bytes are too many. Never more than `bytes`. */
export interface TokenBounds {
  /** The fewest that counting could come to: not worth a count when even these are too many. */
  least(price: Price, bytes: number): number;
  /** Undefined where a count can't vouch for anything or takes too long: the bytes have to do. */
  count(price: Price, body: string, bytes: number): number | undefined;
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

  const countable = (price: Price, bytes: number): boolean =>
    bytes <= LARGEST_COUNTED_BYTES && COUNTED_PROVIDERS.has(price.provider) && COUNTED_MODELS.test(price.model);

  return {
    least: (price, bytes) => (countable(price, bytes) ? Math.min(EXTRA_TOKENS, bytes) : bytes),
    count: (price, body, bytes) => {
      const tokens = countable(price, bytes) ? count(body) : undefined;
      return tokens === undefined ? undefined : Math.min(tokens, bytes);
    },
  };
}
