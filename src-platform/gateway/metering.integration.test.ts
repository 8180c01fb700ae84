import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BillLine } from '../local/provider/bill-book.ts';
import { eventually } from '../testing/eventually.ts';
import type { Gateway } from './create-gateway.ts';
import { addPretendProvider, pretendPrice, type PretendProvider } from './testing/pretend-provider.ts';
import { knownAt, ledgerOf, makeCappedTenant, type LedgerLine, type TestTenant } from './testing/tenant-calls.ts';
import { createTestSite, type TestSite } from './testing/test-gateway.ts';

let site: TestSite;
let gateway: Gateway;
let provider: PretendProvider;
let tenant: TestTenant;

const MODEL = 'metered';
const LONG = 'metered-long';
const FLEX = 'metered-flex';

beforeAll(async () => {
  site = await createTestSite();
  const long = {
    longContextTokens: 1_000,
    longContextInput: 6_000_000_000n,
    longContextCachedInput: 600_000_000n,
    longContextCacheWrite: 7_500_000_000n,
    longContextHourCacheWrite: 12_000_000_000n,
    longContextOutput: 22_500_000_000n,
  };
  provider = await addPretendProvider(site, {
    id: 'pretend',
    models: [
      pretendPrice(MODEL),
      pretendPrice(LONG, long),
      pretendPrice(FLEX, { batchInput: 1_500_000_000n, batchOutput: 7_500_000_000n }),
      pretendPrice('no-hour', { hourCacheWrite: null }),
    ],
  });
  gateway = await site.startGateway();
  tenant = await makeCappedTenant(site.db, 500_000_000_000n);
  await knownAt(gateway.address, tenant.key);
});
afterAll(async () => {
  await site?.close();
  await provider?.close();
});

type Format = 'chat' | 'responses' | 'messages' | 'embeddings';
const PATHS = {
  chat: '/v1/chat/completions',
  responses: '/v1/responses',
  messages: '/v1/messages',
  embeddings: '/v1/embeddings',
} as const;

function bodyOf(format: Format, text: string, more: object): object {
  const model = { model: MODEL, ...more };
  if (format === 'responses') return { max_output_tokens: 300, input: text, ...model };
  if (format === 'embeddings') return { input: text, ...model };
  return { max_tokens: 300, messages: [{ role: 'user', content: text }], ...model };
}

function call(format: Format, text: string, more: object = {}, signal?: AbortSignal): Promise<Response> {
  return fetch(`${gateway.address}${PATHS[format]}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${tenant.key}` },
    body: JSON.stringify(bodyOf(format, text, more)),
    signal,
  });
}

/** The ledger's only row of that call, and what the provider's own bill says of it. */
async function booked(requestId: string | null): Promise<{ line: LedgerLine; billed: BillLine | undefined }> {
  return eventually(async () => {
    const lines = (await ledgerOf(site.db, tenant.id)).filter((line) => line.request_id === requestId);
    expect(lines).toHaveLength(1);
    return { line: lines[0]!, billed: provider.bill.find((one) => one.requestId === requestId) };
  });
}

const requestIdOf = (answer: Response): string | null => answer.headers.get('x-tenantdesk-request-id');
const LONG_TEXT = 'word '.repeat(1_200);

describe.each(['whole', 'streaming'] as const)('%s answers are charged what the provider billed', (way) => {
  const stream = way === 'streaming' ? { stream: true } : {};
  const cases: readonly (readonly [Format, string, object])[] = [
    ['chat', '[answer 40 tokens]', {}],
    ['chat', `${LONG_TEXT}[cached 1024 tokens] [reasoning 9 tokens] [answer 40 tokens]`, {}],
    ['chat', `${LONG_TEXT}[cached 256 tokens] [answer 40 tokens]`, { model: LONG }],
    ['chat', '[answer 40 tokens]', { model: FLEX, service_tier: 'flex' }],
    ['chat', '[answer 40 tokens]', { n: 3 }],
    ['responses', '[reasoning 9 tokens] [answer 40 tokens]', {}],
    ['responses', `${LONG_TEXT}[cached 512 tokens] [written 300 tokens] [answer 40 tokens]`, {}],
    ['responses', '[answer 40 tokens]', { model: FLEX, service_tier: 'flex' }],
    ['messages', `${LONG_TEXT}[cached 512 tokens] [written 300 tokens] [answer 40 tokens]`, {}],
    ['messages', `${LONG_TEXT}[written 300 tokens for an hour]`, { cache_control: { type: 'ephemeral', ttl: '1h' } }],
    ['messages', `${LONG_TEXT}[cached 100 tokens] [written 900 tokens]`, { model: LONG }],
    ['messages', '[answer 900 tokens]', {}],
  ];
  test.each(cases)('%s: %#', async (format, text, more) => {
    const answer = await call(format, `${text} [answer fast]`, { ...more, ...stream });
    await answer.text();
    expect(answer.status).toBe(200);
    const { line, billed } = await booked(requestIdOf(answer));
    expect(line).toMatchObject({ kind: 'charge', outcome: 'ok', cost_nanousd: BigInt(billed!.costNanoUsd) });
    expect(line.output_tokens).toBe(BigInt(billed!.outputTokens));
    expect(line).toMatchObject({
      input_tokens: BigInt(billed!.inputTokens),
      cached_input_tokens: BigInt(billed!.cachedInputTokens),
      cache_write_tokens: BigInt(billed!.cacheWriteTokens),
      reasoning_tokens: BigInt(format === 'messages' ? 0 : billed!.reasoningTokens),
    });
  });

  test.each<Format>(['chat', 'responses', 'messages'])('%s: an explicit zero is zero', async (format) => {
    const answer = await call(format, '[bill nothing] [answer fast]', stream);
    await answer.text();
    const { line, billed } = await booked(requestIdOf(answer));
    expect(billed).toBeUndefined();
    expect(line).toMatchObject({ kind: 'charge', cost_nanousd: 0n });
  });

  test.each<Format>(['chat', 'responses', 'messages'])('%s: no usage is an estimate of the bound', async (format) => {
    const answer = await call(format, '[bill unknown] [answer 40 tokens] [answer fast]', stream);
    await answer.text();
    const { line, billed } = await booked(requestIdOf(answer));
    expect(line.kind).toBe('estimate');
    expect(line.cost_nanousd).toBeGreaterThanOrEqual(BigInt(billed!.costNanoUsd));
  });

  test.each<Format>(['chat', 'responses', 'messages'])(
    '%s: before it billed, a provider fails for nothing',
    async (format) => {
      const answer = await call(format, '[fail 529]', stream);
      expect(answer.status).toBe(529);
      const { error } = (await answer.json()) as { error: { type: string } };
      expect(error.type).toBe(format === 'messages' ? 'overloaded_error' : 'server_error');
      const { line } = await booked(requestIdOf(answer));
      expect(line).toMatchObject({ cost_nanousd: 0n, outcome: 'provider_error' });
    },
  );

  test.each<Format>(['chat', 'responses', 'messages'])(
    '%s: broken off after it billed, the bound is charged',
    async (format) => {
      const answer = await call(format, '[break] [answer 40 tokens] [answer fast]', stream);
      expect(answer.status).toBe(502);
      const { error } = (await answer.json()) as { error: { code: string } };
      expect(error.code).toBe('provider_interrupted');
      const { line, billed } = await booked(requestIdOf(answer));
      expect(line).toMatchObject({ kind: 'estimate', outcome: 'interrupted' });
      expect(line.cost_nanousd).toBeGreaterThanOrEqual(BigInt(billed!.costNanoUsd));
    },
  );
});

describe('streams', () => {
  test.each<Format>(['chat', 'responses', 'messages'])(
    '%s: a client that leaves pays what was billed',
    async (format) => {
      const leaving = new AbortController();
      const answer = await call(format, '[answer 200 tokens] [gap 20]', { stream: true }, leaving.signal);
      await answer.body!.getReader().read();
      leaving.abort();
      const { line, billed } = await booked(requestIdOf(answer));
      expect(line).toMatchObject({
        kind: 'charge',
        outcome: 'client_closed',
        cost_nanousd: BigInt(billed!.costNanoUsd),
      });
      expect(billed!.outputTokens).toBe(200);
    },
  );

  test.each<Format>(['chat', 'responses', 'messages'])(
    '%s: cut while it was billed, the bound is charged',
    async (format) => {
      const answer = await call(format, '[answer 200 tokens] [cut 3] [answer fast]', { stream: true });
      // How much of it still reaches the client is the network's affair.
      await answer.text().catch(() => undefined);
      const { line, billed } = await booked(requestIdOf(answer));
      expect(line).toMatchObject({ kind: 'estimate', outcome: 'interrupted' });
      expect(line.cost_nanousd).toBeGreaterThanOrEqual(BigInt(billed!.costNanoUsd));
    },
  );
});

test('embeddings are charged for their input alone', async () => {
  const answer = await call('embeddings', 'a text of some words [answer fast]', { dimensions: 4 });
  await answer.text();
  const { line, billed } = await booked(requestIdOf(answer));
  expect(line).toMatchObject({ cost_nanousd: BigInt(billed!.costNanoUsd), output_tokens: 0n });
});

test('a cache for an hour that has no price is refused', async () => {
  const more = { model: 'no-hour', cache_control: { type: 'ephemeral', ttl: '1h' } };
  const answer = await call('messages', 'x', more);
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({
    type: 'error',
    error: { code: 'unbounded_request', param: 'cache_control' },
  });
});

test('an image is bounded by what a model makes of it, and charged what was billed', async () => {
  const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'A'.repeat(400_000) } };
  const content = [image, { type: 'text', text: '[answer 20 tokens] [answer fast]' }];
  const answer = await call('messages', '', { messages: [{ role: 'user', content }] });
  await answer.text();
  const { line, billed } = await booked(requestIdOf(answer));
  expect(line.cost_nanousd).toBe(BigInt(billed!.costNanoUsd));
  expect(billed!.inputTokens).toBeGreaterThan(1_000);
});
