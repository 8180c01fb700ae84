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
/** Some 700 calls, on a machine that does other things. */
const PATIENCE_MS = 240_000;

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

/** More than five hundred ways to write the trap's address; whoever followed one of them would be seen there. */
function spellingsOf(port: number): string[] {
  const schemes = ['http://', 'https://', 'ws://', 'wss://', 'HTTP://', 'http:', '//', ''];
  const hosts = [
    '127.0.0.1',
    'localhost',
    'LOCALHOST',
    'localhost.',
    '127.1',
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '0.0.0.0',
    '[::ffff:127.0.0.1]',
    'user:secret@127.0.0.1',
    'api.openai.com@127.0.0.1',
  ];
  const paths = ['', '/', '/v1', '/v1/chat/completions', '/v1?model=x', '/#https://api.openai.com'];
  return hosts.flatMap((host) => paths.flatMap((path) => schemes.map((scheme) => `${scheme}${host}:${port}${path}`)));
}

/** How many of the spellings come to each place, beside the plainest. */
const OTHERS_A_PLACE = 5;

function luresFor(port: number): Lure[] {
  const spellings = spellingsOf(port);
  const named = (model: string, path: string): string => bodyOf(path, '').replace(`"${MODEL}"`, JSON.stringify(model));
  const paths = Object.values(PATHS);
  type Place = (url: string) => Lure;
  const fields = paths.flatMap((path) =>
    FIELDS.map((name): Place => {
      return (url) => ({ path, headers: {}, body: bodyOf(path, `"${name}":${JSON.stringify(valueOf(name, url))},`) });
    }),
  );
  const headers = paths.flatMap((path) =>
    HEADERS.map((name): Place => (url) => ({ path, headers: { [name]: url }, body: bodyOf(path, '') })),
  );
  const elsewhere = paths.flatMap((path): Place[] => [
    (url) => ({ path, headers: {}, body: named(url, path) }),
    (url) => ({ path, headers: {}, body: named(`${MODEL}@${url}`, path) }),
    (url) => ({ path, headers: {}, body: imageBody(path, url) }),
    (url) => ({ path: `${path}?base_url=${encodeURIComponent(url)}`, headers: {}, body: bodyOf(path, '') }),
  ]);
  const places = [...fields, ...headers, ...elsewhere];
  return places.flatMap((place, index) => {
    const from = index * OTHERS_A_PLACE;
    const others = Array.from({ length: OTHERS_A_PLACE }, (_, at) => spellings[(from + at) % spellings.length] ?? '');
    return [`http://127.0.0.1:${port}/v1`, ...others].map((url) => place(url));
  });
}

/** A picture that the provider would fetch, not the gateway. */
function imageBody(path: string, url: string): string {
  const part = {
    [PATHS.chat]: { type: 'image_url', image_url: { url } },
    [PATHS.responses]: { type: 'input_image', image_url: url },
    [PATHS.messages]: { type: 'image', source: { type: 'url', url } },
  }[path];
  const message = {
    role: 'user',
    content: [part, { type: path === PATHS.responses ? 'input_text' : 'text', text: 'x' }],
  };
  const call =
    path === PATHS.responses ? { input: [message], max_output_tokens: 16 } : { messages: [message], max_tokens: 16 };
  return JSON.stringify({ model: MODEL, ...call });
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

test(
  'an address in any field or header of a call is followed by nobody',
  async () => {
    const { port } = trap.address() as AddressInfo;
    expect(new Set(spellingsOf(port)).size).toBeGreaterThanOrEqual(500);
    const lures = luresFor(port);
    expect(lures.length).toBeGreaterThanOrEqual(spellingsOf(port).length);
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
  },
  PATIENCE_MS,
);
