import { boundOf } from '../pricing/cost.ts';
import type { Price } from '../pricing/price.ts';

/** Bodies up to this size are worth counting: a tokenizer takes about 100 µs a KB. */
const LARGEST_COUNTED_BYTES = 64 * 1024;
/** Room for the tokens that a provider puts around messages and tools. */
const EXTRA_TOKENS = 64;
/** Models whose vocabulary is known; a count with another vocabulary would be no upper bound. */
const COUNTED_MODELS = /^(gpt-4o|gpt-4\.1|gpt-5|o[134])/;
const COUNTED_PROVIDERS = new Set(['openai']);

/**
 * A lower bound of the same call's cost than its bytes give, by counting the tokens of the whole JSON body: it holds everything the
 * provider turns into tokens and more besides. Undefined where counting can't vouch for anything, takes too long, or the bound
 * does not fit in what remains.
 */
export async function tokenBoundOf(
  price: Price,
  body: string,
  bytes: number,
  mostOutputTokens: number,
  remaining: bigint,
): Promise<bigint | undefined> {
  const countable = COUNTED_PROVIDERS.has(price.provider) && COUNTED_MODELS.test(price.model);
  if (!countable || bytes > LARGEST_COUNTED_BYTES) return undefined;
  // Not worth a look when the answer alone may cost more than there is.
  if (boundOf(price, EXTRA_TOKENS, mostOutputTokens) > remaining) return undefined;
  const { countTokens } = await import('gpt-tokenizer/encoding/o200k_base');
  const tokens = countTokens(body) + EXTRA_TOKENS;
  const bound = boundOf(price, Math.min(tokens, bytes), mostOutputTokens);
  return bound > remaining ? undefined : bound;
}
