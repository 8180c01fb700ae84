/** What a model costs with one provider: a row of the price book. Rates are integer nano-USD per million tokens. */
export interface Price {
  readonly provider: string;
  readonly model: string;
  readonly version: number;
  readonly input: bigint;
  readonly cachedInput: bigint;
  readonly cacheWrite: bigint;
  readonly output: bigint;
  readonly reasoning: bigint;
  /** Input tokens above which the long rates count for the whole call; null: none. */
  readonly longContextTokens: number | null;
  readonly longContextInput: bigint;
  readonly longContextOutput: bigint;
  /** Most output tokens the model can make; null: unknown. */
  readonly maxOutputTokens: number | null;
}

/** Tokens of one call as a provider reports them: cached and cache-written are part of input, reasoning is part of output. */
export interface Usage {
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly cacheWriteTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
}

export const NO_USAGE: Usage = {
  inputTokens: 0,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
};
