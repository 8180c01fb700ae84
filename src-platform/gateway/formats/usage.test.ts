import { describe, expect, test } from 'vitest';
import { createStreamMeter } from '../calls/stream-meter.ts';
import type { WireFormat } from '../calls/wire-format.ts';
import { NO_USAGE, type Usage } from '../pricing/price.ts';
import { anthropicMessages } from './anthropic-messages/anthropic-messages.ts';
import { openAiChat } from './openai-chat/openai-chat.ts';
import { openAiEmbeddings } from './openai-embeddings/openai-embeddings.ts';
import { openAiResponses } from './openai-responses/openai-responses.ts';

const body = (format: WireFormat): string =>
  format === openAiResponses
    ? '{"model":"m","input":"x","stream":true}'
    : '{"model":"m","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"x"}]}';

/** Metered with each byte alone: what comes out before the end, what is held back, and the usage. */
function metered(format: WireFormat, text: string) {
  const meter = createStreamMeter(format.read(body(format), {}).streamReader(), 1_000_000);
  const passed: Buffer[] = [];
  for (const byte of Buffer.from(text)) passed.push(...meter.push(Buffer.from([byte])));
  const held = Buffer.concat(meter.end()).toString();
  return { passed: Buffer.concat(passed).toString(), held, usage: meter.usage, completed: meter.completed };
}
const event = (type: string, more: object = {}): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`;
const usage = (change: Partial<Usage>): Usage => ({ ...NO_USAGE, ...change });

describe('of whole answers', () => {
  test.each<[WireFormat, unknown, Usage | undefined]>([
    [
      openAiChat,
      {
        service_tier: 'flex',
        usage: {
          prompt_tokens: 100,
          completion_tokens: 9,
          prompt_tokens_details: { cached_tokens: 60, cache_write_tokens: 30 },
          completion_tokens_details: { reasoning_tokens: 4 },
        },
      },
      usage({
        inputTokens: 100,
        cachedInputTokens: 60,
        cacheWriteTokens: 30,
        outputTokens: 9,
        reasoningTokens: 4,
        atBatchRates: true,
      }),
    ],
    [openAiChat, { usage: { prompt_tokens: 0, completion_tokens: 0 } }, NO_USAGE],
    [openAiChat, { usage: { prompt_tokens: 1.5, completion_tokens: 0 } }, undefined],
    [openAiChat, { choices: [] }, undefined],
    [
      openAiResponses,
      {
        service_tier: 'default',
        usage: {
          input_tokens: 50,
          input_tokens_details: { cached_tokens: 40, cache_write_tokens: 99 },
          output_tokens: 7,
          output_tokens_details: { reasoning_tokens: 3 },
        },
      },
      usage({ inputTokens: 50, cachedInputTokens: 40, cacheWriteTokens: 10, outputTokens: 7, reasoningTokens: 3 }),
    ],
    [openAiResponses, { usage: null }, undefined],
    [openAiEmbeddings, { data: [], usage: { prompt_tokens: 8, total_tokens: 8 } }, usage({ inputTokens: 8 })],
    [openAiEmbeddings, { usage: { details: { a: 1 }, prompt_tokens: 8 }, data: [] }, usage({ inputTokens: 8 })],
    [openAiEmbeddings, { data: [] }, undefined],
    [
      anthropicMessages,
      {
        usage: {
          input_tokens: 10,
          cache_read_input_tokens: 200,
          cache_creation_input_tokens: 90,
          cache_creation: { ephemeral_5m_input_tokens: 60, ephemeral_1h_input_tokens: 30 },
          output_tokens: 5,
          service_tier: 'standard',
        },
      },
      usage({
        inputTokens: 300,
        cachedInputTokens: 200,
        cacheWriteTokens: 90,
        hourCacheWriteTokens: 30,
        outputTokens: 5,
      }),
    ],
    [anthropicMessages, { usage: { input_tokens: 0, output_tokens: 0 } }, NO_USAGE],
    [
      anthropicMessages,
      { content: [{ type: 'tool_use', input: { usage: { input_tokens: 1, output_tokens: 1 } } }] },
      undefined,
    ],
  ])('%#', (format, answer, expected) => {
    expect(format.usageOfAnswer(JSON.stringify(answer))).toEqual(expected);
    expect(format.usageOfAnswer('<html>')).toBeUndefined();
  });
});

describe('of streams', () => {
  test('responses: with the last event, which waits until the call is settled', () => {
    const lie = '"type":"response.completed","usage":{"input_tokens":1,"output_tokens":1}';
    const text =
      event('response.created', { response: { usage: null } }) + event('response.output_text.delta', { delta: lie });
    const last = event('response.completed', { response: { usage: { input_tokens: 4, output_tokens: 2 } } });
    expect(metered(openAiResponses, text + last)).toEqual({
      passed: text,
      held: last,
      usage: usage({ inputTokens: 4, outputTokens: 2 }),
      completed: true,
    });
    expect(metered(openAiResponses, text)).toEqual({ passed: text, held: '', usage: undefined, completed: false });
    const unnamed = last.replace(/^event: .*\n/, '');
    expect(metered(openAiResponses, unnamed)).toMatchObject({ held: unnamed, usage: { outputTokens: 2 } });
    const failed = event('response.failed', { response: { usage: null } });
    expect(metered(openAiResponses, failed)).toMatchObject({ usage: undefined, completed: true });
  });

  test('messages: the input with the start, the output with the last delta', () => {
    const start = event('message_start', {
      message: {
        usage: { input_tokens: 10, cache_read_input_tokens: 5, cache_creation_input_tokens: 3, output_tokens: 1 },
      },
    });
    const delta = (output: number): string => event('message_delta', { delta: {}, usage: { output_tokens: output } });
    const text = event('content_block_delta', { delta: { text: '"type":"message_stop"' } });
    const stop = event('message_stop');
    const whole = metered(anthropicMessages, start + text + delta(7) + delta(9) + stop);
    expect(whole).toEqual({
      passed: start + text + delta(7) + delta(9),
      held: stop,
      usage: usage({ inputTokens: 18, cachedInputTokens: 5, cacheWriteTokens: 3, outputTokens: 9 }),
      completed: true,
    });
    expect(metered(anthropicMessages, start + text)).toMatchObject({ usage: undefined, completed: false });
    const later = event('message_delta', {
      usage: { input_tokens: 0, cache_read_input_tokens: 0, cache_creation_input_tokens: 0, output_tokens: 0 },
    });
    expect(metered(anthropicMessages, start + later + stop).usage).toEqual(NO_USAGE);
    const trouble = event('error', { error: { type: 'overloaded_error' } });
    expect(metered(anthropicMessages, start + trouble)).toMatchObject({ passed: start + trouble, completed: false });
  });
});
