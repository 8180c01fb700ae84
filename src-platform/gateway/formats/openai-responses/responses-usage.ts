import { count, field, parseJson } from '../../calls/json-fields.ts';
import type { Usage } from '../../pricing/price.ts';

/** The usage of a response object; undefined when it has none. An explicit zero is zero. */
export function readUsage(response: unknown): Usage | undefined {
  const usage = field(response, 'usage');
  const inputTokens = count(usage, 'input_tokens');
  const outputTokens = count(usage, 'output_tokens');
  if (inputTokens === undefined || outputTokens === undefined) return undefined;
  const details = field(usage, 'input_tokens_details');
  const cachedInputTokens = Math.min(inputTokens, count(details, 'cached_tokens') ?? 0);
  const written = count(details, 'cache_write_tokens') ?? 0;
  return {
    inputTokens,
    outputTokens,
    cachedInputTokens,
    cacheWriteTokens: Math.min(inputTokens - cachedInputTokens, written),
    hourCacheWriteTokens: 0,
    reasoningTokens: Math.min(outputTokens, count(field(usage, 'output_tokens_details'), 'reasoning_tokens') ?? 0),
    atBatchRates: field(response, 'service_tier') === 'flex',
  };
}

export function usageOfAnswer(text: string): Usage | undefined {
  return readUsage(parseJson(text));
}
