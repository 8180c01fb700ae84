import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startChild, type Child } from '../../process/child.ts';
import { readPriceBook } from '../../prices/price-book.ts';
import { writePriceList } from '../price-list-file.ts';
import type { BillLine } from './bill-book.ts';

let folder: string;
let provider: Child;
let openai: OpenAI;

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'td-provider-'));
  writePriceList(path.join(folder, 'prices.json'), readPriceBook(), Date.now());
  writeFileSync(path.join(folder, 'bill.jsonl'), '');
  provider = await startChild({
    name: 'The pretend provider',
    command: process.execPath,
    args: [fileURLToPath(new URL('./main.ts', import.meta.url))],
    stopSignal: 'SIGTERM',
    ready: /^\{"ready":true/,
    env: {
      ...process.env,
      TENANTDESK_PROVIDER_PORT: '0',
      TENANTDESK_PROVIDER_CREDENTIAL: 'sk-test',
      TENANTDESK_PROVIDER_PRICES: path.join(folder, 'prices.json'),
      TENANTDESK_PROVIDER_BILL: path.join(folder, 'bill.jsonl'),
      TENANTDESK_PROVIDER_FAILURES: '0',
    },
  });
  const { provider: address } = JSON.parse(provider.readyLine) as { provider: string };
  openai = new OpenAI({ baseURL: `${address}/v1`, apiKey: 'sk-test', maxRetries: 0 });
});

afterAll(async () => {
  await provider.stop();
  rmSync(folder, { recursive: true, force: true });
});

function bill(): BillLine[] {
  const lines = readFileSync(path.join(folder, 'bill.jsonl'), 'utf8').trim().split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as BillLine);
}

function ask(text: string, more: { max_tokens?: number } = {}) {
  return { model: 'gpt-4o', messages: [{ role: 'user' as const, content: text }], ...more };
}

test('the bill has the tokens that the answer reports, at the price list, rounded up', async () => {
  const headers = { 'x-tenantdesk-request-id': 'call-1' };
  const answer = await openai.chat.completions.create(ask('[answer 120 tokens] [answer fast]'), { headers });
  expect(answer.usage?.completion_tokens).toBe(120);
  const line = bill().find(({ requestId }) => requestId === 'call-1');
  expect(line).toMatchObject({ outputTokens: 120, inputTokens: answer.usage?.prompt_tokens, completed: true });
  const nanoUsd = (answer.usage!.prompt_tokens * 2_500_000_000 + 120 * 10_000_000_000) / 1_000_000;
  expect(line?.costNanoUsd).toBe(String(Math.ceil(nanoUsd)));
});

test('cached and reasoning tokens are billed as such', async () => {
  const text = `${'word '.repeat(2_000)}[cached 1024 tokens] [reasoning 30 tokens] [answer 80 tokens] [answer fast]`;
  const answer = await openai.chat.completions.create(ask(text));
  expect(answer.usage?.prompt_tokens_details?.cached_tokens).toBe(1_024);
  expect(answer.usage?.completion_tokens_details?.reasoning_tokens).toBe(30);
  expect(bill().at(-1)).toMatchObject({ cachedInputTokens: 1_024, reasoningTokens: 30, outputTokens: 80 });
});

test('the request limits the answer', async () => {
  const answer = await openai.chat.completions.create(ask('[answer 500 tokens] [answer fast]', { max_tokens: 40 }));
  expect(answer.usage?.completion_tokens).toBe(40);
  expect(answer.choices[0]?.finish_reason).toBe('length');
});

test('a stream carries its text, and its usage when asked for', async () => {
  const request = { ...ask('[answer 90 tokens] [answer fast]'), stream: true as const };
  const withUsage = await openai.chat.completions.create({ ...request, stream_options: { include_usage: true } });
  let text = '';
  let tokens: number | undefined;
  for await (const chunk of withUsage) {
    text += chunk.choices[0]?.delta.content ?? '';
    tokens = chunk.usage?.completion_tokens ?? tokens;
  }
  expect(tokens).toBe(90);
  expect(text.split(' ')).toHaveLength(90);
  for await (const chunk of await openai.chat.completions.create(request)) expect(chunk.usage).toBeUndefined();
});

test('what was made of a stream that is cut is billed', async () => {
  const before = bill().length;
  const request = { ...ask('[answer 400 tokens] [answer fast] [cut 3]'), stream: true as const };
  await expect(async () => {
    for await (const chunk of await openai.chat.completions.create(request)) void chunk;
  }).rejects.toThrow();
  const line = bill()[before];
  expect(line).toMatchObject({ completed: false });
  expect(line!.outputTokens).toBeGreaterThan(0);
  expect(line!.outputTokens).toBeLessThan(400);
});

test('failures, unknown models and strangers are answered as a provider does, and not billed', async () => {
  const before = bill().length;
  await expect(openai.chat.completions.create(ask('[fail 529]'))).rejects.toMatchObject({ status: 529 });
  const unknown = { ...ask('hello'), model: 'no-such-model' };
  await expect(openai.chat.completions.create(unknown)).rejects.toMatchObject({ status: 404, code: 'model_not_found' });
  const stranger = openai.withOptions({ apiKey: 'wrong' });
  await expect(stranger.chat.completions.create(ask('hello'))).rejects.toMatchObject({ status: 401 });
  expect(bill()).toHaveLength(before);
});
