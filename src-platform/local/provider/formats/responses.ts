import { z } from 'zod';
import { readMarkers } from '../markers.ts';
import type { ProviderCall } from '../provider-call.ts';
import {
  bearerOf,
  namedEvent,
  NO_VECTORS,
  openAiError,
  readPrompt,
  type ProviderFormat,
  type ProviderMessage,
} from '../provider-format.ts';

const part = z.looseObject({ type: z.string(), text: z.string().optional() });
const item = z.looseObject({
  type: z.string().nullish(),
  role: z.string().optional(),
  content: z.union([z.string(), z.array(part)]).nullish(),
  output: z.union([z.string(), z.array(part)]).nullish(),
});
const schema = z.looseObject({
  model: z.string(),
  input: z.union([z.string(), z.array(item)]),
  instructions: z.string().nullish(),
  stream: z.boolean().nullish(),
  max_output_tokens: z.number().int().min(16).nullish(),
  tools: z.array(z.looseObject({ type: z.string(), name: z.string().optional() })).nullish(),
  service_tier: z.string().nullish(),
});

/** OpenAI's responses. */
export const responses: ProviderFormat = {
  path: '/responses',
  credential: bearerOf,
  error: openAiError,
  read: (body) => {
    const request = schema.parse(JSON.parse(body));
    const items: readonly z.output<typeof item>[] =
      typeof request.input === 'string' ? [{ role: 'user', content: request.input }] : request.input;
    const messages = [{ role: 'system', text: request.instructions ?? '', images: 0 }, ...items.map(messageOf)];
    const tools = (request.tools ?? []).flatMap(({ name }) => name ?? []);
    return {
      ...NO_VECTORS,
      model: request.model,
      stream: request.stream ?? false,
      includeUsage: true,
      maxTokens: request.max_output_tokens ?? undefined,
      choices: 1,
      flex: request.service_tier === 'flex',
      ...readPrompt(messages, readMarkers, tools),
    };
  },
  whole: (call, text) => response(call, 'completed', [outputItem(call, text)]),
  stream: (call) => {
    let sequence = 0;
    let text = '';
    const send = (type: string, data: object): string => namedEvent(type, { sequence_number: sequence++, ...data });
    const place = { item_id: itemId(call), output_index: 0 };
    return {
      begin: () =>
        send('response.created', { response: response(call, 'in_progress', []) }) +
        (call.request.tool === undefined
          ? send('response.output_item.added', { output_index: 0, item: messageItem(call, 'in_progress', []) }) +
            send('response.content_part.added', { ...place, content_index: 0, part: textPart('') })
          : ''),
      part: (delta) => {
        text += delta;
        return send('response.output_text.delta', { ...place, content_index: 0, delta, logprobs: [] });
      },
      tool: (name, input) => {
        const called = functionItem(call, { name, input });
        return (
          send('response.output_item.added', { output_index: 0, item: { ...called, arguments: '' } }) +
          send('response.function_call_arguments.delta', { ...place, delta: input }) +
          send('response.function_call_arguments.done', { ...place, arguments: input, name })
        );
      },
      end: () => {
        const item = outputItem(call, text);
        const texts =
          call.request.tool === undefined
            ? send('response.output_text.done', { ...place, content_index: 0, text, logprobs: [] }) +
              send('response.content_part.done', { ...place, content_index: 0, part: textPart(text) })
            : '';
        const done = send('response.output_item.done', { output_index: 0, item });
        return texts + done + send('response.completed', { response: response(call, 'completed', [item]) });
      },
    };
  },
};

function messageOf({ type, role, content, output }: z.output<typeof item>): ProviderMessage {
  const parts = content ?? output ?? '';
  if (typeof parts === 'string') return { role: role ?? type ?? '', text: parts, images: 0 };
  return {
    role: role ?? type ?? '',
    text: parts.map(({ text }) => text ?? '').join('\n'),
    images: parts.filter((one) => one.type === 'input_image').length,
  };
}

function response(call: ProviderCall, status: 'in_progress' | 'completed', output: readonly object[]): object {
  const { id, createdAt, request } = call;
  const reported = status === 'completed' && !request.markers.hideUsage;
  return {
    id: `resp_${id.slice(4)}`,
    object: 'response',
    created_at: createdAt,
    status,
    error: null,
    incomplete_details: null,
    instructions: null,
    model: request.model,
    output,
    parallel_tool_calls: true,
    tools: [],
    ...(request.flex ? { service_tier: 'flex' } : {}),
    usage: reported ? usageOf(call) : null,
  };
}

function outputItem(call: ProviderCall, text: string): object {
  const { tool } = call.request;
  return tool === undefined ? messageItem(call, 'completed', [textPart(text)]) : functionItem(call, tool);
}

function messageItem(call: ProviderCall, status: string, content: readonly object[]): object {
  return { id: itemId(call), type: 'message', role: 'assistant', status, content };
}

function functionItem(call: ProviderCall, { name, input }: { readonly name: string; readonly input: string }): object {
  const callId = `call_${call.id.slice(4)}`;
  return { id: itemId(call), type: 'function_call', call_id: callId, name, arguments: input, status: 'completed' };
}

function textPart(text: string): object {
  return { type: 'output_text', text, annotations: [], logprobs: [] };
}

function itemId({ id }: ProviderCall): string {
  return `item_${id.slice(4)}`;
}

function usageOf({ plan }: ProviderCall): object {
  const { input, cachedInput, cacheWrite, output, reasoning } = plan.reported;
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cachedInput, cache_write_tokens: cacheWrite },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: input + output,
  };
}
