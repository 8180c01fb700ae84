import { z } from 'zod';
import { readMarkers } from '../markers.ts';
import type { ProviderCall } from '../provider-call.ts';
import {
  bearerOf,
  event,
  NO_VECTORS,
  openAiError,
  readPrompt,
  type ProviderFormat,
  type ProviderMessage,
} from '../provider-format.ts';

const contentPart = z.looseObject({ type: z.string(), text: z.string().optional() });
const messageSchema = z.looseObject({
  role: z.string(),
  content: z.union([z.string(), z.array(contentPart)]).nullish(),
});
const limit = z.number().int().positive().nullish();
const schema = z.looseObject({
  model: z.string(),
  messages: z.array(messageSchema).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: limit,
  max_completion_tokens: limit,
  n: z.number().int().min(1).max(16).nullish(),
  tools: z.array(z.looseObject({ function: z.looseObject({ name: z.string() }).optional() })).nullish(),
  service_tier: z.string().nullish(),
});

/** OpenAI's chat completions. */
export const chat: ProviderFormat = {
  path: '/chat/completions',
  credential: bearerOf,
  error: openAiError,
  read: (body) => {
    const request = schema.parse(JSON.parse(body));
    const tools = (request.tools ?? []).flatMap((tool) => tool.function?.name ?? []);
    return {
      ...NO_VECTORS,
      model: request.model,
      stream: request.stream ?? false,
      includeUsage: request.stream_options?.include_usage ?? false,
      maxTokens: request.max_completion_tokens ?? request.max_tokens ?? undefined,
      choices: request.n ?? 1,
      flex: request.service_tier === 'flex',
      ...readPrompt(request.messages.map(messageOf), readMarkers, tools),
    };
  },
  whole: (call, text) => {
    const { request, plan } = call;
    const { tool } = request;
    const message =
      tool === undefined
        ? { role: 'assistant', content: text, refusal: null }
        : { role: 'assistant', content: null, refusal: null, tool_calls: [toolCall(call, tool)] };
    return {
      ...head(call, 'chat.completion'),
      choices: Array.from({ length: request.choices }, (_, index) => ({
        index,
        message,
        logprobs: null,
        finish_reason: tool === undefined ? plan.finishReason : 'tool_calls',
      })),
      ...(request.markers.hideUsage ? {} : { usage: usageOf(call) }),
    };
  },
  stream: (call) => {
    const { request, plan } = call;
    // With usage asked for, all chunks carry the field, null but in the last, as OpenAI does.
    const usage = request.includeUsage ? { usage: null } : {};
    const chunk = (delta: object, finish: string | null): string =>
      Array.from({ length: request.choices }, (_, index) =>
        event({
          ...head(call, 'chat.completion.chunk'),
          choices: [{ index, delta, logprobs: null, finish_reason: finish }],
          ...usage,
        }),
      ).join('');
    const report = request.includeUsage && !request.markers.hideUsage;
    return {
      begin: () => chunk({ role: 'assistant', content: '', refusal: null }, null),
      part: (content) => chunk({ content }, null),
      tool: (name, input) => chunk({ tool_calls: [{ index: 0, ...toolCall(call, { name, input }) }] }, null),
      end: () =>
        chunk({}, request.tool === undefined ? plan.finishReason : 'tool_calls') +
        (report ? event({ ...head(call, 'chat.completion.chunk'), choices: [], usage: usageOf(call) }) : '') +
        'data: [DONE]\n\n',
    };
  },
};

function messageOf({ role, content }: z.output<typeof messageSchema>): ProviderMessage {
  if (typeof content === 'string') return { role, text: content, images: 0 };
  const parts = content ?? [];
  return {
    role,
    text: parts.map(({ text }) => text ?? '').join('\n'),
    images: parts.filter(({ type }) => type === 'image_url').length,
  };
}

function head({ id, createdAt, request }: ProviderCall, object: string): object {
  const tier = request.flex ? { service_tier: 'flex' } : {};
  return { id: `chatcmpl-${id.slice(4)}`, object, created: createdAt, model: request.model, ...tier };
}

function toolCall({ id }: ProviderCall, { name, input }: { readonly name: string; readonly input: string }): object {
  return { id: `call_${id.slice(4)}`, type: 'function', function: { name, arguments: input } };
}

function usageOf({ plan }: ProviderCall): object {
  const { input, cachedInput, output, reasoning } = plan.reported;
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cachedInput, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: reasoning, audio_tokens: 0 },
  };
}
