import { describe, expect, test } from 'vitest';
import { BadCall, type WireCall, type WireFormat } from '../calls/wire-format.ts';
import { anthropicMessages } from './anthropic-messages/anthropic-messages.ts';
import { FORMATS, formatOf } from './formats.ts';
import { openAiChat } from './openai-chat/openai-chat.ts';
import { openAiEmbeddings } from './openai-embeddings/openai-embeddings.ts';
import { openAiResponses } from './openai-responses/openai-responses.ts';

const read = (format: WireFormat, body: object, headers: Record<string, string> = {}): WireCall =>
  format.read(JSON.stringify(body), headers);
const chatOf = (content: unknown, more: object = {}): object => ({
  model: 'gpt-4o',
  messages: [{ role: 'user', content }],
  ...more,
});
const claudeOf = (content: unknown, more: object = {}): object => ({
  model: 'claude-sonnet-5',
  max_tokens: 100,
  messages: [{ role: 'user', content }],
  ...more,
});
const responseOf = (input: unknown, more: object = {}): object => ({ model: 'gpt-5', input, ...more });
const data = `data:image/png;base64,${'A'.repeat(1_000)}`;

test('each format has a path of its own, and an answer there its error shape', () => {
  expect(new Set(FORMATS.map(({ path }) => path)).size).toBe(FORMATS.length);
  const refusal = { status: 402, type: 'budget_exceeded', code: 'tenant_month_cap', message: 'm', facts: { a: 1 } };
  expect(JSON.parse(formatOf('/v1/messages').errorBody(refusal))).toEqual({
    type: 'error',
    error: { type: 'budget_exceeded', code: 'tenant_month_cap', message: 'm', a: 1 },
  });
  expect(JSON.parse(formatOf('/elsewhere').errorBody(refusal))).toMatchObject({
    error: { type: 'budget_exceeded', code: 'tenant_month_cap', message: 'm', param: null, a: 1 },
  });
});

test.each([
  ['', '/v1/chat/completions', '/v1/responses', '/v1/embeddings', '/v1/messages'],
  ['/v1', '/v1/chat/completions', '/v1/responses', '/v1/embeddings', '/v1/messages'],
  ['/openai/v1', '/openai/v1/chat/completions', '/openai/v1/responses', '/openai/v1/embeddings', '/openai/v1/messages'],
])('a provider at "%s" is asked at its own paths', (basePath, ...paths) => {
  expect(FORMATS.map((format) => format.providerPath(basePath))).toEqual(paths);
});

describe('what nobody could bound is refused with the field and what to do', () => {
  const stored = 'stands for text that the provider keeps';
  test.each<[WireFormat, object, string, string]>([
    [openAiChat, chatOf('x', { prediction: { type: 'content', content: 'x' } }), 'prediction', 'leave it out'],
    [openAiChat, chatOf('x', { web_search_options: {} }), 'web_search_options', 'tool of your own'],
    [openAiChat, chatOf('x', { service_tier: 'priority' }), 'service_tier', "'default' or 'flex'"],
    [openAiChat, chatOf('x', { models: ['gpt-6-sol'] }), 'models', "one model in 'model'"],
    [openAiChat, chatOf('x', { provider: { order: ['a'] } }), 'provider', 'for the agency'],
    [openAiChat, chatOf('x', { tools: [{ type: 'web_search' }] }), 'tools[0]', 'which the caller runs itself'],
    [openAiChat, chatOf([{ type: 'input_audio', input_audio: {} }]), 'messages[0].content[0]', 'sound and files'],
    [openAiChat, chatOf([{ type: 'file', file: { file_id: 'f' } }]), 'messages[0].content[0]', 'sound and files'],
    [openAiChat, chatOf([{ type: 'text', text: 'x', file: 'f' }]), 'messages[0].content[0]', 'sound and files'],
    [openAiResponses, responseOf('x', { previous_response_id: 'resp_1' }), 'previous_response_id', stored],
    [openAiResponses, responseOf('x', { conversation: 'conv_1' }), 'conversation', stored],
    [openAiResponses, responseOf('x', { prompt: { id: 'p' } }), 'prompt', stored],
    [openAiResponses, responseOf('x', { background: true }), 'background', 'leave it out'],
    [openAiResponses, responseOf('x', { tools: [{ type: 'web_search' }] }), 'tools[0]', 'runs itself'],
    [openAiResponses, responseOf([{ type: 'item_reference', id: 'i' }]), 'input[0]', 'take messages'],
    [openAiResponses, responseOf([{ type: 'reasoning', id: 'r', summary: [] }]), 'input[0]', 'encrypted_content'],
    [
      openAiResponses,
      responseOf([{ role: 'user', content: [{ type: 'input_file', file_id: 'f' }] }]),
      'input[0].content[0]',
      'files',
    ],
    [
      openAiResponses,
      responseOf([{ role: 'user', content: [{ type: 'input_image', file_id: 'f' }] }]),
      'input[0].content[0]',
      'stored images',
    ],
    [anthropicMessages, claudeOf('x', { mcp_servers: [{}] }), 'mcp_servers', 'tools of your own'],
    [anthropicMessages, claudeOf('x', { container: 'c' }), 'container', 'containers'],
    [anthropicMessages, claudeOf('x', { speed: 'fast' }), 'speed', 'leave it out'],
    [anthropicMessages, claudeOf('x', { inference_geo: 'us' }), 'inference_geo', 'surcharge'],
    [
      anthropicMessages,
      claudeOf('x', { tools: [{ type: 'web_search_20250305', name: 'w' }] }),
      'tools[0]',
      'runs itself',
    ],
    [
      anthropicMessages,
      claudeOf([{ type: 'document', source: { type: 'base64', data: 'x' } }]),
      'messages[0].content[0]',
      'plain text',
    ],
    [
      anthropicMessages,
      claudeOf([{ type: 'image', source: { type: 'file', file_id: 'f' } }]),
      'messages[0].content[0]',
      'base64 or url',
    ],
    [
      anthropicMessages,
      claudeOf([{ type: 'tool_result', content: [{ type: 'container_upload' }] }]),
      'messages[0].content[0].content[0]',
      'plain text',
    ],
    [
      anthropicMessages,
      claudeOf('x', { context_management: { edits: [{ type: 'compact_20260112' }] } }),
      'context_management',
      'only clear',
    ],
  ])('%#: %j', (format, body, parameter, remedy) => {
    const refuse = (): WireCall => read(format, body);
    expect(refuse).toThrow(BadCall);
    expect(refuse).toThrow(remedy);
    expect(refuse).toThrow(expect.objectContaining({ code: 'unbounded_request', parameter }));
  });

  test('a beta that may change the bill; one that does not is passed on, with its version', () => {
    const betas = (header: string) => () => read(anthropicMessages, claudeOf('x'), { 'anthropic-beta': header });
    expect(betas('fast-mode-2026-02-01')).toThrow('fast-mode-2026-02-01');
    expect(betas('prompt-caching-2024-07-31, unheard-of')).toThrow('unheard-of');
    const client = { 'anthropic-beta': 'interleaved-thinking-2025-05-14,context-1m-2025-08-07', 'x-api-key': 'td_x' };
    expect(read(anthropicMessages, claudeOf('x'), client).model).toBe('claude-sonnet-5');
    expect(anthropicMessages.providerHeaders('sk', { ...client, 'anthropic-version': '2023-01-01' })).toEqual({
      'x-api-key': 'sk',
      'anthropic-version': '2023-01-01',
      'anthropic-beta': client['anthropic-beta'],
    });
    expect(anthropicMessages.providerHeaders('sk', {})).toEqual({
      'x-api-key': 'sk',
      'anthropic-version': '2023-06-01',
    });
    expect(() => read(anthropicMessages, claudeOf('x'), { 'anthropic-version': 'new' })).toThrow('date');
  });
});

test.each<[WireFormat, object]>([
  [openAiResponses, responseOf(undefined)],
  [openAiResponses, responseOf(['x'])],
  [openAiResponses, responseOf('x', { max_output_tokens: 0 })],
  [openAiEmbeddings, { model: 'm' }],
  [openAiEmbeddings, { model: 'm', input: [{}] }],
  [openAiEmbeddings, { input: 'x' }],
  [anthropicMessages, claudeOf(7)],
  [anthropicMessages, claudeOf('x', { messages: [] })],
  [anthropicMessages, claudeOf('x', { max_tokens: '9' })],
  [anthropicMessages, claudeOf('x', { system: 7 })],
  [anthropicMessages, claudeOf('x', { stream: 1 })],
])('%#: what is no call of its format is refused: %j', (format, body) => {
  expect(() => read(format, body)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
});

describe('images', () => {
  const part = (url: string) => ({ type: 'image_url', image_url: { url } });
  test('count as the most that the model makes of one, not by the bytes of their data', () => {
    const one = read(openAiChat, chatOf([part(data), part('https://example.com/cat.png')]));
    expect(one).toMatchObject({ imageBytes: data.length, addedTokens: 2 * 1_445 });
    const mini = read(openAiChat, chatOf([part(data)], { model: 'gpt-4o-mini' }));
    expect(mini.addedTokens).toBe(48_169);
    const unknown = read(openAiChat, chatOf([part(data)], { model: 'next-model' }));
    expect(unknown.addedTokens).toBe(50_000);
    const input = [{ role: 'user', content: [{ type: 'input_image', image_url: data }] }];
    expect(read(openAiResponses, responseOf(input))).toMatchObject({ imageBytes: data.length, addedTokens: 1_190 });
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'A'.repeat(900) } };
    const result = { type: 'tool_result', tool_use_id: 't', content: [image] };
    expect(read(anthropicMessages, claudeOf([image, result]))).toMatchObject({
      imageBytes: 1_800,
      addedTokens: 500 + 2 * 5_000,
    });
  });
});

test('bodies go on as they came, but for the output limit', () => {
  const response = responseOf('x', { metadata: { workflow: 'leads' }, temperature: 0.5 });
  expect(JSON.parse(read(openAiResponses, response).body(null))).toEqual(response);
  expect(read(openAiResponses, response).workflowSlug).toBe('leads');
  expect(JSON.parse(read(openAiResponses, response).body(70))).toEqual({ ...response, max_output_tokens: 70 });
  const limited = responseOf('x', { max_output_tokens: 50 });
  expect(JSON.parse(read(openAiResponses, limited).body(70))).toEqual(limited);
  const claude = claudeOf('x', { thinking: { type: 'enabled', budget_tokens: 60 } });
  expect(read(anthropicMessages, claude)).toMatchObject({ outputLimit: 100, leastOutputLimit: 61 });
  expect(JSON.parse(read(anthropicMessages, claude).body(70))).toEqual({ ...claude, max_tokens: 70 });
  const embedding = { model: 'm', input: [[1, 2], [3]], user: 'u' };
  expect(JSON.parse(read(openAiEmbeddings, embedding).body(70))).toEqual(embedding);
  expect(read(openAiEmbeddings, embedding)).toMatchObject({ outputLimit: 0, stream: false });
});

test('caching for an hour is seen wherever it is asked for, and in no text', () => {
  const hour = { type: 'ephemeral', ttl: '1h' };
  const seen = (body: object): boolean => {
    const call = read(anthropicMessages, body);
    return call.cachesForAnHour(call.body(null));
  };
  expect(seen(claudeOf('x', { system: [{ type: 'text', text: 's', cache_control: hour }] }))).toBe(true);
  expect(seen(claudeOf('x', { tools: [{ name: 't', input_schema: {}, cache_control: hour }] }))).toBe(true);
  expect(seen(claudeOf('x', { cache_control: hour }))).toBe(true);
  expect(seen(claudeOf([{ type: 'text', text: 'x', cache_control: { type: 'ephemeral' } }]))).toBe(false);
  expect(seen(claudeOf('"ttl":"1h"'))).toBe(false);
  const escaped =
    '{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"x"}],"cache_control":{"t\\u0074l":"\\u0031h"}}';
  const call = anthropicMessages.read(escaped, {});
  expect(call.cachesForAnHour(call.body(null))).toBe(true);
});
