import type { Usage } from '../pricing/price.ts';

/** Reads OpenAI's usage object; undefined when there is none. An explicit zero is zero. */
export function readUsage(value: unknown): Usage | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
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
  try {
    return readUsage(field(JSON.parse(text), 'usage'));
  } catch {
    return undefined;
  }
}

/** A field of something that may be no object. */
export function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return Reflect.get(value, name);
}

function count(value: unknown, name: string): number | undefined {
  const found = field(value, name);
  return typeof found === 'number' && Number.isSafeInteger(found) && found >= 0 ? found : undefined;
}
