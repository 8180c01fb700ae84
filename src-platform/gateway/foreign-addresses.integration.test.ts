import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Gateway } from './create-gateway.ts';
import { addPretendProvider, pretendPrice, type PretendProvider } from './testing/pretend-provider.ts';
import { knownAt, makeCappedTenant, type TestTenant } from './testing/tenant-calls.ts';
import { createTestSite, type TestSite } from './testing/test-gateway.ts';

let site: TestSite;
let gateway: Gateway;
let provider: PretendProvider;
let tenant: TestTenant;
let trap: Server;
let trapped = 0;

const MODEL = 'some-model';

beforeAll(async () => {
  site = await createTestSite();
  provider = await addPretendProvider(site, { id: 'pretend', models: [pretendPrice(MODEL)] });
  gateway = await site.startGateway();
  tenant = await makeCappedTenant(site.db, 500_000_000_000n);
  await knownAt(gateway.address, tenant.key);
  trap = createServer((socket) => {
    trapped += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => {
    trap.listen(0, '127.0.0.1', resolve);
  });
});
afterAll(async () => {
  await site?.close();
  await provider?.close();
  trap?.close();
});

const FIELDS = [
  'api_base',
  'base_url',
  'baseURL',
  'api_url',
  'endpoint',
  'host',
  'url',
  'proxy',
  'proxies',
  'azure_endpoint',
  'custom_llm_provider',
  'api_type',
  'target',
  'upstream',
  'callback_url',
  'webhook_url',
  'extra_body',
  'litellm_params',
  'metadata',
  '__proto__',
];
const HEADERS = [
  'x-api-base',
  'x-base-url',
  'x-provider-url',
  'x-forwarded-host',
  'x-forwarded-for',
  'forwarded',
  'x-original-url',
  'x-rewrite-url',
  'x-portkey-config',
  'x-portkey-custom-host',
  'helicone-target-url',
  'helicone-openai-api-base',
  'openai-organization',
  'referer',
  'origin',
];
const PATHS = { chat: '/v1/chat/completions', responses: '/v1/responses', messages: '/v1/messages' } as const;

/** One call that names the trap in one place. */
interface Lure {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

function luresFor(trapAddress: string): Lure[] {
  const urls = ['http', 'https', 'ws'].map((scheme) => `${scheme}://${trapAddress}/v1`);
  const spellings = [...urls, `//${trapAddress}/v1`, trapAddress, `http://user:secret@${trapAddress}/`];
  const places = Object.values(PATHS).flatMap((path) => spellings.map((url) => ({ path, url })));
  const named = (model: string, path: string): string => bodyOf(path, '').replace(`"${MODEL}"`, JSON.stringify(model));
  const inFields = places.flatMap(({ path, url }) =>
    FIELDS.map((name): Lure => {
      const body = bodyOf(path, `"${name}":${JSON.stringify(valueOf(name, url))},`);
      return { path, headers: {}, body };
    }),
  );
  const inHeaders = places.flatMap(({ path, url }) =>
    HEADERS.map((name): Lure => ({ path, headers: { [name]: url }, body: bodyOf(path, '') })),
  );
  const inModels = places.flatMap(({ path, url }) =>
    [url, `${MODEL}@${url}`].map((model): Lure => ({ path, headers: {}, body: named(model, path) })),
  );
  return [...inFields, ...inHeaders, ...inModels];
}

function valueOf(name: string, url: string): unknown {
  const nested = ['extra_body', 'litellm_params', 'metadata', 'proxies', '__proto__'].includes(name);
  return nested ? { api_base: url, base_url: url } : url;
}

function bodyOf(path: string, more: string): string {
  const text = '[answer 1 tokens] [answer fast]';
  const input = path === PATHS.responses ? `"input":"${text}"` : `"messages":[{"role":"user","content":"${text}"}]`;
  const limit = path === PATHS.responses ? '"max_output_tokens":16' : '"max_tokens":16';
  return `{${more}"model":"${MODEL}",${limit},${input}}`;
}

test('an address in any field or header of a call is followed by nobody', async () => {
  const { port } = trap.address() as AddressInfo;
  const lures = luresFor(`127.0.0.1:${port}`);
  expect(lures.length).toBeGreaterThanOrEqual(500);
  const statuses = new Set<number>();
  const work = lures.values();
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      for (const { path, headers, body } of work) {
        const answer = await fetch(`${gateway.address}${path}`, {
          method: 'POST',
          headers: { ...headers, authorization: `Bearer ${tenant.key}` },
          body,
        });
        await answer.arrayBuffer();
        statuses.add(answer.status);
      }
    }),
  );
  expect(trapped).toBe(0);
  // Passed on to the one provider, or refused in words: nothing broke.
  expect(statuses).toEqual(new Set([200, 400]));
});
