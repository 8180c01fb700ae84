import { z } from 'zod';
import { readMarkers } from '../markers.ts';
import type { ProviderCall } from '../provider-call.ts';
import {
  bearerOf,
  namedEvent,
  NO_VECTORS,
  readPrompt,
  type ProviderFormat,
  type ProviderMessage,
  type ProviderRequest,
} from '../provider-format.ts';

const block = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  content: z.union([z.string(), z.array(z.looseObject({ text: z.string().optional() }))]).optional(),
});
const content = z.union([z.string(), z.array(block)]);
const schema = z.looseObject({
  model: z.string(),
  max_tokens: z.number().int().min(1),
  messages: z.array(z.looseObject({ role: z.enum(['user', 'assistant']), content })).min(1),
  system: content.nullish(),
  stream: z.boolean().nullish(),
  tools: z.array(z.looseObject({ name: z.string() })).nullish(),
});

/** Anthropic's words for an error, by its status. */
const ERROR_TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  529: 'overloaded_error',
};

/** What is to be counted: a message that names no limit. @throws for what is none */
export function readCount(body: string): Pick<ProviderRequest, 'model' | 'promptTokens'> {
  return messages.read(JSON.stringify({ ...z.looseObject({}).parse(JSON.parse(body)), max_tokens: 1 }));
}

/** Anthropic's messages. */
export const messages: ProviderFormat = {
  path: '/messages',
  credential: (headers) => {
    const key = headers['x-api-key'];
    return typeof key === 'string' ? key : bearerOf(headers);
  },
  error: (status, _type, message) => ({
    type: 'error',
    error: { type: ERROR_TYPES[status] ?? 'api_error', message },
  }),
  read: (body) => {
    const request = schema.parse(JSON.parse(body));
    const system = { ...messageOf('system', request.system ?? ''), role: 'system' };
    const all = [system, ...request.messages.map((message) => messageOf(message.role, message.content))];
    return {
      ...NO_VECTORS,
      model: request.model,
      stream: request.stream ?? false,
      includeUsage: true,
      maxTokens: request.max_tokens,
      choices: 1,
      flex: false,
      ...readPrompt(
        all,
        readMarkers,
        (request.tools ?? []).map(({ name }) => name),
      ),
    };
  },
  whole: (call, text) => ({
    ...head(call),
    content: [contentOf(call, text)],
    stop_reason: stopReason(call),
    stop_sequence: null,
    ...(call.request.markers.hideUsage ? {} : { usage: { ...inputUsage(call), output_tokens: outputOf(call) } }),
  }),
  stream: (call) => {
    const { tool, markers } = call.request;
    const start = { ...head(call), content: [], stop_reason: null, stop_sequence: null };
    const firstUsage = { ...inputUsage(call), output_tokens: Math.min(1, outputOf(call)) };
    return {
      begin: () =>
        namedEvent('message_start', { message: markers.hideUsage ? start : { ...start, usage: firstUsage } }) +
        (tool === undefined ? blockStart({ type: 'text', text: '' }) : '') +
        namedEvent('ping'),
      part: (text) => blockDelta({ type: 'text_delta', text }),
      tool: (name, input) =>
        blockStart({ type: 'tool_use', id: toolId(call), name, input: {} }) +
        blockDelta({ type: 'input_json_delta', partial_json: input }),
      end: () =>
        namedEvent('content_block_stop', { index: 0 }) +
        namedEvent('message_delta', {
          delta: { stop_reason: stopReason(call), stop_sequence: null },
          ...(markers.hideUsage ? {} : { usage: { output_tokens: outputOf(call) } }),
        }) +
        namedEvent('message_stop'),
    };
  },
};

function blockStart(block: object): string {
  return namedEvent('content_block_start', { index: 0, content_block: block });
}

function blockDelta(delta: object): string {
  return namedEvent('content_block_delta', { index: 0, delta });
}

/** A message that has nothing but results of tools is the tools', not the user's. */
function messageOf(role: string, value: z.output<typeof content>): ProviderMessage {
  if (typeof value === 'string') return { role, text: value, images: 0 };
  const results = value.filter(({ type }) => type === 'tool_result');
  return {
    role: results.length > 0 && results.length === value.length ? 'tool' : role,
    text: value.map(textOf).join('\n'),
    images: value.filter(({ type }) => type === 'image').length,
  };
}

function textOf({ text, content: inner }: z.output<typeof block>): string {
  if (text !== undefined) return text;
  if (inner === undefined) return '';
  return typeof inner === 'string' ? inner : inner.map((one) => one.text ?? '').join('\n');
}

function head({ id, request }: ProviderCall): object {
  return { id: `msg_${id.slice(4)}`, type: 'message', role: 'assistant', model: request.model };
}

function toolId({ id }: ProviderCall): string {
  return `toolu_${id.slice(4)}`;
}

function contentOf(call: ProviderCall, text: string): object {
  const { tool } = call.request;
  if (tool === undefined) return { type: 'text', text };
  return { type: 'tool_use', id: toolId(call), name: tool.name, input: JSON.parse(tool.input) as unknown };
}

function stopReason({ request, plan }: ProviderCall): string {
  if (request.tool !== undefined) return 'tool_use';
  return plan.finishReason === 'length' ? 'max_tokens' : 'end_turn';
}

function outputOf({ plan }: ProviderCall): number {
  return plan.reported.output;
}

/** What was read from and written to the cache stands beside the rest of the input, not in it. */
function inputUsage({ plan }: ProviderCall): object {
  const { input, cachedInput, cacheWrite, hourCacheWrite } = plan.reported;
  return {
    input_tokens: input - cachedInput - cacheWrite,
    cache_read_input_tokens: cachedInput,
    cache_creation_input_tokens: cacheWrite,
    cache_creation: {
      ephemeral_5m_input_tokens: cacheWrite - hourCacheWrite,
      ephemeral_1h_input_tokens: hourCacheWrite,
    },
    service_tier: 'standard',
  };
}
