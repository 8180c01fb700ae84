import { count, field, parseJson } from '../../calls/json-fields.ts';
import type { Usage } from '../../pricing/price.ts';

/** The usage of a chat completion, or of one of its chunks; undefined when there is none. An explicit zero is zero. */
export function readUsage(completion: unknown): Usage | undefined {
  const usage = field(completion, 'usage');
  const inputTokens = count(usage, 'prompt_tokens');
  const outputTokens = count(usage, 'completion_tokens');
  if (inputTokens === undefined || outputTokens === undefined) return undefined;
  const details = field(usage, 'prompt_tokens_details');
  const cachedInputTokens = Math.min(inputTokens, count(details, 'cached_tokens') ?? 0);
  return {
    inputTokens,
    outputTokens,
    cachedInputTokens,
    cacheWriteTokens: Math.min(inputTokens - cachedInputTokens, count(details, 'cache_write_tokens') ?? 0),
    hourCacheWriteTokens: 0,
    reasoningTokens: Math.min(outputTokens, count(field(usage, 'completion_tokens_details'), 'reasoning_tokens') ?? 0),
    atBatchRates: field(completion, 'service_tier') === 'flex',
  };
}

/** The usage of a whole answer's text; undefined when it is no JSON or has none. */
export function usageOfAnswer(text: string): Usage | undefined {
  return readUsage(parseJson(text));
}
