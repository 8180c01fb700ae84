import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadTokenBounds } from '../../calls/token-bound.ts';
import { testPrice } from '../../testing/test-price.ts';
import { readChatCall } from './chat-request.ts';

const minimal = { model: 'gpt-4o', messages: [{ role: 'user', content: 'x' }] };
const read = (body: Record<string, unknown>) => readChatCall(JSON.stringify({ ...minimal, ...body }));
const forwarded = (body: Record<string, unknown>, limit: number | null): Record<string, unknown> =>
  JSON.parse(read(body).body(limit)) as Record<string, unknown>;

describe('a chat request', () => {
  test('is bounded by the larger of two limits, for all choices', () => {
    expect(read({ max_tokens: 5, max_completion_tokens: 9, n: 3 })).toMatchObject({ outputLimit: 9, choices: 3 });
    expect(read({})).toMatchObject({ outputLimit: null, choices: 1, stream: false });
    expect(read({ metadata: { workflow: 'leads' } }).workflowSlug).toBe('leads');
  });

  test.each([
    [{ n: 0 }],
    [{ n: 1.5 }],
    [{ n: 129 }],
    [{ max_completion_tokens: -1 }],
    [{ max_completion_tokens: 1e12 }],
    [{ stream: 'yes' }],
    [{ stream_options: 7 }],
    [{ messages: [] }],
    [{ messages: ['x'] }],
    [{ messages: [{ role: 'user', content: 7 }] }],
    [{ messages: [{ content: 'x' }] }],
    [{ model: 7 }],
    [{ prediction: { type: 'content', content: 'x' } }],
    [{ audio: {} }],
    [{ web_search_options: {} }],
    [{ tools: [{ type: 'web_search' }] }],
    [{ messages: [{ role: 'assistant', audio: { id: 'a' } }] }],
    [{ messages: [{ role: 'user', content: [{ type: 'file', file: { file_id: 'f' } }] }] }],
  ])('%j is refused', (body) => {
    expect(() => read(body)).toThrow();
  });

  test('is forwarded as it came but for the limit and the usage report', () => {
    expect(forwarded({ temperature: 0.5 }, null)).toEqual({ ...minimal, temperature: 0.5 });
    expect(forwarded({}, 70)).toEqual({ ...minimal, max_completion_tokens: 70 });
    expect(forwarded({ max_tokens: 90 }, 70)).toEqual({ ...minimal, max_tokens: 70 });
    expect(forwarded({ max_tokens: 90, max_completion_tokens: 80 }, 70)).toMatchObject({
      max_tokens: 70,
      max_completion_tokens: 70,
    });
    expect(forwarded({ stream: true, stream_options: { include_obfuscation: false } }, null)).toMatchObject({
      stream_options: { include_obfuscation: false, include_usage: true },
    });
    const asked = { stream: true, stream_options: { include_usage: true } };
    expect(forwarded(asked, null)).toEqual({ ...minimal, ...asked });
  });

  test('has at most as many tokens as bytes, also as the tokenizer counts them', async () => {
    const price = testPrice();
    const { countTokens } = await import('gpt-tokenizer/encoding/o200k_base');
    const bounds = await loadTokenBounds(() => 0);
    const texts = fc.array(fc.string({ unit: 'binary', maxLength: 200 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(texts, (texts) => {
        const request = read({ messages: texts.map((content) => ({ role: 'user', content })) });
        const body = request.body(null);
        const bytes = Buffer.byteLength(body);
        const counted = texts.reduce((sum, text) => sum + countTokens(text) + 4, 0);
        expect(counted).toBeLessThanOrEqual(bytes);
        const bound = bounds.count(price, body, bytes) ?? bytes;
        expect(bound).toBeGreaterThanOrEqual(Math.max(counted, bounds.least(price, bytes)));
        expect(bound).toBeLessThanOrEqual(bytes);
      }),
      { numRuns: 50 },
    );
    const other = { ...price, provider: 'other' };
    expect(bounds.count(other, 'x'.repeat(500), 500)).toBeUndefined();
    expect(bounds.least(other, 500)).toBe(500);
    const prose = 'The quick brown fox jumps over the lazy dog. '.repeat(40);
    expect(bounds.count(price, prose, prose.length)).toBeLessThan(700);
  }, 60_000);
});
