/** What a model costs with one provider: a row of the price book. Rates are integer nano-USD per million tokens. */
export interface Price {
  readonly provider: string;
  readonly model: string;
  readonly version: number;
  readonly input: bigint;
  readonly cachedInput: bigint;
  readonly cacheWrite: bigint;
  /** Written to the cache for an hour; null: not known, so that a call that asks for it can't be bounded. */
  readonly hourCacheWrite: bigint | null;
  readonly output: bigint;
  readonly reasoning: bigint;
  /** Input tokens above which the long rates count for the whole call; null: none. */
  readonly longContextTokens: number | null;
  readonly longContextInput: bigint;
  readonly longContextCachedInput: bigint;
  readonly longContextCacheWrite: bigint;
  readonly longContextHourCacheWrite: bigint | null;
  readonly longContextOutput: bigint;
  /** For calls that the provider runs when it has time; null: such calls pay what others pay. Both or neither. */
  readonly batchInput: bigint | null;
  readonly batchOutput: bigint | null;
  /** Most output tokens the model can make; null: unknown. */
  readonly maxOutputTokens: number | null;
}

/** Tokens of one call as a provider reports them: cached and cache-written are part of input, reasoning is part of output. */
export interface Usage {
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly cacheWriteTokens: number;
  /** Part of those written to the cache. */
  readonly hourCacheWriteTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  /** The provider ran it when it had time. */
  readonly atBatchRates: boolean;
}

export const NO_USAGE: Usage = {
  inputTokens: 0,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  hourCacheWriteTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  atBatchRates: false,
};
