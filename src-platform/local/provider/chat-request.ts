import { z } from 'zod';
import { readMarkers, type Markers } from './markers.ts';

const contentPart = z.looseObject({ type: z.string(), text: z.string().optional() });

const messageSchema = z.looseObject({
  role: z.string(),
  content: z.union([z.string(), z.array(contentPart)]).nullish(),
});

const limit = z.number().int().positive().nullish();

const chatRequestSchema = z.looseObject({
  model: z.string(),
  messages: z.array(messageSchema).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: limit,
  max_completion_tokens: limit,
  n: z.number().int().min(1).max(16).nullish(),
});

/** A call of the chat completions format, reduced to what the pretend provider looks at. */
export interface ChatRequest {
  readonly model: string;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  /** Most tokens an answer may have; undefined: the model's own limit. */
  readonly maxTokens: number | undefined;
  readonly choices: number;
  readonly promptTokens: number;
  /** The beginning of the prompt: equal beginnings are what providers cache. */
  readonly promptBeginning: string;
  readonly markers: Markers;
}

const BYTES_PER_TOKEN = 4;
const TOKENS_PER_MESSAGE = 4;
const CACHE_BEGINNING = 4_096;

/**
 * Reads a request's body. Prompt tokens are counted as a quarter of the text's bytes and four a message: near what
 * tokenizers say for prose, and never above the bytes of the body (a message's JSON alone is longer than four bytes).
 * @throws SyntaxError for what is not JSON, ZodError for what is not such a request
 */
export function readChatRequest(body: string): ChatRequest {
  const request = chatRequestSchema.parse(JSON.parse(body));
  const texts = request.messages.map(({ content }) => textOf(content));
  const lastUser = request.messages.findLastIndex(({ role }) => role === 'user');
  return {
    model: request.model,
    stream: request.stream ?? false,
    includeUsage: request.stream_options?.include_usage ?? false,
    maxTokens: request.max_completion_tokens ?? request.max_tokens ?? undefined,
    choices: request.n ?? 1,
    promptTokens: texts.reduce(
      (sum, text) => sum + Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN) + TOKENS_PER_MESSAGE,
      0,
    ),
    promptBeginning: texts.join('\n').slice(0, CACHE_BEGINNING),
    markers: readMarkers(texts[lastUser] ?? ''),
  };
}

function textOf(content: z.output<typeof messageSchema>['content']): string {
  if (typeof content === 'string') return content;
  return (content ?? []).map((part) => part.text ?? '').join('\n');
}
