import Anthropic, {
  APIError as AnthropicError,
  AuthenticationError as AnthropicAuthenticationError,
  BadRequestError as AnthropicBadRequestError,
  RateLimitError as AnthropicRateLimitError,
} from '@anthropic-ai/sdk';
import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { APICallError, generateText, stepCountIs, streamText, tool, type LanguageModel } from 'ai';
import OpenAI, { APIError, AuthenticationError, BadRequestError, RateLimitError } from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { eventually } from '../testing/eventually.ts';
import type { Gateway } from './create-gateway.ts';
import { addPretendProvider, pretendPrice, type PretendProvider } from './testing/pretend-provider.ts';
import { knownAt, ledgerOf, makeCappedTenant, type TestTenant } from './testing/tenant-calls.ts';
import { createTestSite, type TestSite } from './testing/test-gateway.ts';

let site: TestSite;
let gateway: Gateway;
let provider: PretendProvider;

const GPT = 'gpt-test';
const CLAUDE = 'claude-test';
const EMBEDDING = 'embedding-test';

beforeAll(async () => {
  site = await createTestSite();
  const models = [pretendPrice(GPT), pretendPrice(CLAUDE), pretendPrice(EMBEDDING, { output: 0n, reasoning: 0n })];
  provider = await addPretendProvider(site, { id: 'pretend', models });
  gateway = await site.startGateway();
});
afterAll(async () => {
  await site?.close();
  await provider?.close();
});

async function tenantWith(limitNanoUsd: bigint): Promise<TestTenant> {
  const tenant = await makeCappedTenant(site.db, limitNanoUsd);
  await knownAt(gateway.address, tenant.key);
  return tenant;
}

/** What the ledger has for the tenant is what the provider billed, call for call. */
async function expectBilled(tenant: TestTenant, calls: number): Promise<void> {
  await eventually(async () => {
    const lines = await ledgerOf(site.db, tenant.id);
    expect(lines).toHaveLength(calls);
    for (const line of lines) {
      const billed = provider.bill.filter(({ requestId }) => requestId === line.request_id);
      expect(billed.map(({ costNanoUsd }) => BigInt(costNanoUsd))).toEqual([line.cost_nanousd]);
      expect(line.outcome).toBe('ok');
    }
  });
}

const openai = (key: string): OpenAI => new OpenAI({ apiKey: key, baseURL: `${gateway.address}/v1`, maxRetries: 0 });
const anthropic = (key: string): Anthropic => new Anthropic({ apiKey: key, baseURL: gateway.address, maxRetries: 0 });

const QUESTION = 'How warm is it? [call weather {"city":"Pune"}] [answer 20 tokens] [answer fast]';
const PARAMETERS = { type: 'object' as const, properties: { city: { type: 'string' } } };

describe("OpenAI's SDK", () => {
  test('talks in chat completions, with a tool and streaming', async () => {
    const tenant = await tenantWith(5_000_000_000n);
    const client = openai(tenant.key);
    const tools = [{ type: 'function' as const, function: { name: 'weather', parameters: PARAMETERS } }];
    const asked: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: QUESTION }];
    const first = await client.chat.completions.create({ model: GPT, messages: asked, tools });
    const message = first.choices[0]!.message;
    const call = message.tool_calls![0]!;
    expect(call).toMatchObject({ function: { name: 'weather', arguments: '{"city":"Pune"}' } });
    const answered = [...asked, message, { role: 'tool' as const, tool_call_id: call.id, content: '31 °C' }];
    const runner = client.chat.completions.stream({ model: GPT, messages: answered, tools, max_tokens: 100 });
    expect((await runner.finalContent())?.split(' ')).toHaveLength(20);
    await expectBilled(tenant, 2);
  });

  test('talks in responses, with a tool and streaming', async () => {
    const tenant = await tenantWith(5_000_000_000n);
    const client = openai(tenant.key);
    const tools = [{ type: 'function' as const, name: 'weather', parameters: PARAMETERS, strict: false }];
    const first = await client.responses.create({ model: GPT, input: QUESTION, tools });
    const [call] = first.output;
    expect(call).toMatchObject({ type: 'function_call', name: 'weather', arguments: '{"city":"Pune"}' });
    const stream = client.responses.stream({
      model: GPT,
      instructions: 'Be short.',
      input: [
        { role: 'user', content: QUESTION },
        call as OpenAI.Responses.ResponseFunctionToolCall,
        { type: 'function_call_output', call_id: Reflect.get(call!, 'call_id') as string, output: '31 °C' },
      ],
      tools,
    });
    const final = await stream.finalResponse();
    expect(final.output_text.split(' ')).toHaveLength(20);
    expect(final.usage?.output_tokens).toBe(20);
    await expectBilled(tenant, 2);
  });

  test('embeds texts, and lists and finds models', async () => {
    const tenant = await tenantWith(1_000_000_000n);
    const client = openai(tenant.key);
    const made = await client.embeddings.create({
      model: EMBEDDING,
      input: ['one text', 'and another'],
      dimensions: 8,
    });
    expect(made.data.map(({ embedding }) => embedding.length)).toEqual([8, 8]);
    const models = await client.models.list();
    expect(models.data.map(({ id }) => id)).toEqual(expect.arrayContaining([GPT, CLAUDE, EMBEDDING]));
    expect(await client.models.retrieve(GPT)).toMatchObject({ id: GPT, owned_by: 'pretend' });
    await expect(client.models.retrieve('no-such')).rejects.toMatchObject({ status: 404 });
    await expectBilled(tenant, 1);
  });

  test('raises its ordinary errors', async () => {
    const poor = await tenantWith(1_000n);
    const rich = await tenantWith(5_000_000_000n);
    const ask = (key: string, content: string, more: object = {}) =>
      openai(key).chat.completions.create({ model: GPT, messages: [{ role: 'user', content }], ...more });
    const refused: unknown = await ask(poor.key, 'x').catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(APIError);
    expect(refused).toMatchObject({ status: 402, code: 'tenant_month_cap', type: 'budget_exceeded' });
    await expect(ask('td_nobody', 'x')).rejects.toBeInstanceOf(AuthenticationError);
    await expect(ask(rich.key, '[fail 429]')).rejects.toBeInstanceOf(RateLimitError);
    await expect(ask(rich.key, 'x', { n: 0 })).rejects.toBeInstanceOf(BadRequestError);
    const responses = openai(poor.key).responses.create({ model: GPT, input: 'x' });
    await expect(responses).rejects.toMatchObject({ status: 402, code: 'tenant_month_cap' });
    const embeddings = openai(poor.key).embeddings.create({ model: EMBEDDING, input: 'x'.repeat(2_000) });
    await expect(embeddings).rejects.toMatchObject({ status: 402 });
  });
});

describe("Anthropic's SDK", () => {
  test('talks with a tool and streaming', async () => {
    const tenant = await tenantWith(5_000_000_000n);
    const client = anthropic(tenant.key);
    const tools = [{ name: 'weather', input_schema: PARAMETERS }];
    const asked: Anthropic.MessageParam[] = [{ role: 'user', content: QUESTION }];
    const first = await client.messages.create({ model: CLAUDE, max_tokens: 200, messages: asked, tools });
    const [block] = first.content;
    expect(first.stop_reason).toBe('tool_use');
    expect(block).toMatchObject({ type: 'tool_use', name: 'weather', input: { city: 'Pune' } });
    const result = {
      type: 'tool_result' as const,
      tool_use_id: (block as Anthropic.ToolUseBlock).id,
      content: '31 °C',
    };
    const messages: Anthropic.MessageParam[] = [
      ...asked,
      { role: 'assistant', content: first.content },
      { role: 'user', content: [result] },
    ];
    const final = await client.messages.stream({ model: CLAUDE, max_tokens: 200, messages, tools }).finalMessage();
    expect(final.usage.output_tokens).toBe(20);
    expect(final.content).toMatchObject([{ type: 'text' }]);
    await expectBilled(tenant, 2);
  });

  test('lists models in its own shape', async () => {
    const tenant = await tenantWith(1_000_000_000n);
    const models = await anthropic(tenant.key).models.list();
    expect(models.data.map(({ id, type }) => `${type} ${id}`)).toContain(`model ${CLAUDE}`);
  });

  test('raises its ordinary errors', async () => {
    const poor = await tenantWith(1_000n);
    const rich = await tenantWith(5_000_000_000n);
    const ask = (key: string, content: string, more: object = {}) =>
      anthropic(key).messages.create({
        model: CLAUDE,
        max_tokens: 100,
        messages: [{ role: 'user', content }],
        ...more,
      });
    const refused: unknown = await ask(poor.key, 'x').catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(AnthropicError);
    expect(refused).toMatchObject({
      status: 402,
      error: { type: 'error', error: { type: 'budget_exceeded', code: 'tenant_month_cap' } },
    });
    await expect(ask('td_nobody', 'x')).rejects.toBeInstanceOf(AnthropicAuthenticationError);
    await expect(ask(rich.key, '[fail 429]')).rejects.toBeInstanceOf(AnthropicRateLimitError);
    await expect(ask(rich.key, 'x', { max_tokens: 0 })).rejects.toBeInstanceOf(AnthropicBadRequestError);
  });
});

describe('the AI SDK', () => {
  const models: readonly (readonly [string, (key: string) => LanguageModel])[] = [
    [
      'OpenAI-compatible',
      (key) =>
        createOpenAICompatible({ name: 'gateway', baseURL: `${gateway.address}/v1`, apiKey: key, includeUsage: true })(
          GPT,
        ),
    ],
    ['Anthropic', (key) => createAnthropic({ baseURL: `${gateway.address}/v1`, apiKey: key })(CLAUDE)],
  ];

  test.each(models)('%s: talks with a tool, streaming and not', async (_name, modelOf) => {
    const tenant = await tenantWith(5_000_000_000n);
    const model = modelOf(tenant.key);
    const weather = tool({
      description: 'How warm it is',
      inputSchema: z.object({ city: z.string() }),
      execute: ({ city }) => `31 °C in ${city}`,
    });
    const conversation = {
      model,
      prompt: QUESTION,
      tools: { weather },
      stopWhen: stepCountIs(3),
      maxOutputTokens: 200,
      maxRetries: 0,
    };
    const whole = await generateText(conversation);
    expect(whole.steps).toHaveLength(2);
    expect(whole.text.split(' ')).toHaveLength(20);
    const streamed = streamText(conversation);
    expect((await streamed.text).split(' ')).toHaveLength(20);
    expect((await streamed.totalUsage).outputTokens).toBe(40);
    await expectBilled(tenant, 4);
  });

  test.each(models)('%s: raises its ordinary error, and does not try a spending stop again', async (_name, modelOf) => {
    const poor = await tenantWith(1_000n);
    const refused: unknown = await generateText({ model: modelOf(poor.key), prompt: 'x', maxOutputTokens: 200 }).catch(
      (error: unknown) => error,
    );
    expect(APICallError.isInstance(refused)).toBe(true);
    expect(refused).toMatchObject({ statusCode: 402, isRetryable: false });
    expect(String(Reflect.get(Object(refused), 'message'))).toContain('monthly cap');
  });
});
