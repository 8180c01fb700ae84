import { count, field, parseJson } from '../../calls/json-fields.ts';
import { NO_USAGE, type Usage } from '../../pricing/price.ts';

const KEY = '"usage"';

/**
 * The usage of an answer; undefined when it has none. Vectors are megabytes of numbers that nobody here looks at: only the last object
 * that follows a "usage" is parsed, and the whole where that fails.
 */
export function usageOfAnswer(text: string): Usage | undefined {
  return readUsage(parseJson(usageObject(text)) ?? field(parseJson(text), 'usage'));
}

function readUsage(usage: unknown): Usage | undefined {
  const inputTokens = count(usage, 'prompt_tokens');
  return inputTokens === undefined ? undefined : { ...NO_USAGE, inputTokens };
}

function usageObject(text: string): string | undefined {
  const key = text.lastIndexOf(KEY);
  const start = key === -1 ? -1 : text.indexOf('{', key);
  const end = start === -1 ? -1 : text.indexOf('}', start);
  return end === -1 ? undefined : text.slice(start, end + 1);
}
