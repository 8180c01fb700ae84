import { count, field, parseJson } from '../../calls/json-fields.ts';
import type { Usage } from '../../pricing/price.ts';

/** Reads the usage object of chat completions; undefined when there is none. An explicit zero is zero. */
export function readUsage(value: unknown): Usage | undefined {
  const inputTokens = count(value, 'prompt_tokens');
  const outputTokens = count(value, 'completion_tokens');
  if (inputTokens === undefined || outputTokens === undefined) return undefined;
  return {
    inputTokens,
    outputTokens,
    cachedInputTokens: Math.min(inputTokens, count(field(value, 'prompt_tokens_details'), 'cached_tokens') ?? 0),
    cacheWriteTokens: 0,
    reasoningTokens: Math.min(outputTokens, count(field(value, 'completion_tokens_details'), 'reasoning_tokens') ?? 0),
  };
}

/** The usage of a whole answer's text; undefined when it is no JSON or has none. */
export function usageOfAnswer(text: string): Usage | undefined {
  return readUsage(field(parseJson(text), 'usage'));
}
