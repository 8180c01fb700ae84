import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import type { CallEnd } from '../ledger/call-accounts.ts';
import type { ProviderAnswer } from '../upstream/provider-exchange.ts';
import { openAiChat } from '../formats/openai-chat/openai-chat.ts';
import type { ClientWatch } from './client-watch.ts';
import type { ForwardedCall } from './forward-call.ts';
import { relayStream } from './relay-stream.ts';

const BODY = JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'x' }] });
const event = (data: unknown): string => `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;
const CHUNK = event({ choices: [{ index: 0, delta: { content: 'hello' } }] });
const USAGE = event({ choices: [], usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } });
const DONE = event('[DONE]');

/** Relays these pieces to a client; `breaks`: the provider's stream ends in the middle. */
function relay(pieces: readonly string[], { gone = false, breaks = false } = {}) {
  const sent: string[] = [];
  const ends: CallEnd[] = [];
  const written = Promise.withResolvers<void>();
  const raw = Object.assign(new EventEmitter(), {
    destroyed: false,
    write: (bytes: Buffer) => sent.push(bytes.toString()) > 0,
    end: (bytes: Buffer) => void sent.push(`${bytes.toString()}<end>`),
    destroy: () => void sent.push('<destroyed>'),
  });
  const call = {
    call: openAiChat.read(BODY, {}),
    reply: { raw, begin: () => undefined },
    route: { largestAnswerBytes: 1_000_000 },
    account: {
      firstByte: () => undefined,
      settle: (end: CallEnd) => {
        ends.push(end);
        return { cost: 0n, written: written.promise };
      },
    },
  } as unknown as ForwardedCall;
  const answer = {
    statusCode: 200,
    each: (onData: (bytes: Buffer) => void) => {
      for (const piece of pieces) onData(Buffer.from(piece));
      return breaks ? Promise.reject(new Error('broke')) : Promise.resolve();
    },
    pause: () => undefined,
    resume: () => undefined,
  } as unknown as ProviderAnswer;
  const over = relayStream(call, answer, { gone } as ClientWatch);
  return { sent, ends, written, over };
}

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};

test('the end of a stream goes out after the journal has what it cost', async () => {
  const { sent, ends, written, over } = relay([CHUNK, USAGE, DONE]);
  await turns();
  expect(ends).toMatchObject([{ kind: 'billed', outcome: 'ok', usage: { inputTokens: 3, outputTokens: 2 } }]);
  expect(sent).toEqual([CHUNK]);
  written.resolve();
  await over;
  expect(sent).toEqual([CHUNK, `${DONE}<end>`]);
});

test('a stream that breaks off is an estimate unless it told its usage, and the caller’s breaks off too', async () => {
  for (const [pieces, end] of [
    [[CHUNK], { kind: 'unknown', outcome: 'interrupted' }],
    [[CHUNK, USAGE], { kind: 'billed', outcome: 'interrupted' }],
  ] as const) {
    const { sent, ends, written, over } = relay(pieces, { breaks: true });
    written.resolve();
    await over;
    expect(ends).toMatchObject([end]);
    expect(sent.at(-1)).toBe('<destroyed>');
  }
});

test('for a client that left the rest is read for its usage, and nothing is written', async () => {
  const { sent, ends, written, over } = relay([CHUNK, USAGE, DONE], { gone: true });
  written.resolve();
  await over;
  expect(ends).toMatchObject([{ kind: 'billed', outcome: 'client_closed' }]);
  expect(sent).toEqual([]);
});
