import { count, field, parseJson } from '../../calls/json-fields.ts';
import type { Usage } from '../../pricing/price.ts';

/** Anthropic's usage, as far as it has been reported: input and what was read from and written to the cache stand side by side. */
export interface ReportedUsage {
  input: number | undefined;
  cacheRead: number;
  cacheWrite: number;
  hourCacheWrite: number;
  output: number | undefined;
  atBatchRates: boolean;
}

/** Takes what a report has; counts of a later one replace those of an earlier one, for each is the sum so far. */
export function addReport(known: ReportedUsage, usage: unknown): void {
  known.input = count(usage, 'input_tokens') ?? known.input;
  known.cacheRead = count(usage, 'cache_read_input_tokens') ?? known.cacheRead;
  known.cacheWrite = count(usage, 'cache_creation_input_tokens') ?? known.cacheWrite;
  known.hourCacheWrite = count(field(usage, 'cache_creation'), 'ephemeral_1h_input_tokens') ?? known.hourCacheWrite;
  known.output = count(usage, 'output_tokens') ?? known.output;
  const tier = field(usage, 'service_tier');
  if (tier !== undefined) known.atBatchRates = tier === 'batch';
}

export function nothingReported(): ReportedUsage {
  return { input: undefined, cacheRead: 0, cacheWrite: 0, hourCacheWrite: 0, output: undefined, atBatchRates: false };
}

/** Undefined: input or output is not known. */
export function usageOf(known: ReportedUsage): Usage | undefined {
  const { input, output, cacheRead, cacheWrite, hourCacheWrite, atBatchRates } = known;
  if (input === undefined || output === undefined) return undefined;
  return {
    inputTokens: input + cacheRead + cacheWrite,
    cachedInputTokens: cacheRead,
    cacheWriteTokens: cacheWrite,
    hourCacheWriteTokens: Math.min(cacheWrite, hourCacheWrite),
    outputTokens: output,
    reasoningTokens: 0,
    atBatchRates,
  };
}

export function usageOfAnswer(text: string): Usage | undefined {
  const known = nothingReported();
  addReport(known, field(parseJson(text), 'usage'));
  return usageOf(known);
}
