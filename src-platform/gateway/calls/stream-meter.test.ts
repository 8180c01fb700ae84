import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createChatStreamReader } from '../formats/openai-chat/chat-stream.ts';
import { createStreamMeter } from './stream-meter.ts';

const event = (data: unknown): string => `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;
const part = (content: string) => ({ choices: [{ index: 0, delta: { content }, finish_reason: null }], usage: null });
const usage = { prompt_tokens: 7, completion_tokens: 3, prompt_tokens_details: { cached_tokens: 2 } };
const report = { choices: [], usage };

function run(text: string, cuts: readonly number[], clientWantsUsage: boolean) {
  const bytes = Buffer.from(text);
  const meter = createStreamMeter(createChatStreamReader(clientWantsUsage), 1_000_000);
  const passed: Buffer[] = [];
  let start = 0;
  for (const cut of [...cuts.map((at) => at % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]) {
    passed.push(...meter.push(bytes.subarray(start, cut)));
    start = cut;
  }
  const before = Buffer.concat(passed).toString();
  const held = Buffer.concat(meter.end()).toString();
  return { before, held, usage: meter.usage, completed: meter.completed };
}

describe('a metered stream', () => {
  test('passes every byte but the extra chunk, however it is cut, and holds the end back', () => {
    const contents = fc.array(fc.string({ unit: 'binary', maxLength: 20 }), { maxLength: 6 });
    fc.assert(
      fc.property(
        contents,
        fc.array(fc.nat(10_000), { maxLength: 20 }),
        fc.boolean(),
        fc.boolean(),
        (texts, cuts, wants, crlf) => {
          const ends = (text: string): string => (crlf ? text.replaceAll('\n\n', '\r\n\r\n') : text);
          const chunks = ends(`: hello\n\n${texts.map((text) => event(part(text))).join('')}`);
          const all = chunks + ends(event(report)) + ends(event('[DONE]'));
          const seen = run(all, cuts, wants);
          expect(seen.before).toBe(wants ? chunks + ends(event(report)) : chunks);
          expect(seen.held).toBe(ends(event('[DONE]')));
          expect(seen.usage).toEqual({
            inputTokens: 7,
            cachedInputTokens: 2,
            cacheWriteTokens: 0,
            hourCacheWriteTokens: 0,
            outputTokens: 3,
            reasoningTokens: 0,
            atBatchRates: false,
          });
          expect(seen.completed).toBe(true);
        },
      ),
    );
  }, 60_000);

  test('believes no usage that stands in a text, and keeps a chunk that has choices besides', () => {
    const lie = event(part('"usage":{"prompt_tokens":1,"completion_tokens":1}'));
    expect(run(lie, [], false)).toMatchObject({ before: lie, usage: undefined, completed: false });
    const last = event({ ...part('x'), usage });
    expect(run(last, [], false)).toMatchObject({ before: last, usage: { outputTokens: 3 } });
  });

  test('ends without an end mark or a last blank line', () => {
    const cut = `${event(part('a'))}data: [DONE]`;
    expect(run(cut, [], false)).toMatchObject({ before: event(part('a')), held: 'data: [DONE]', completed: true });
    expect(run(event(part('a')), [], false)).toMatchObject({ held: '', completed: false });
  });
});
