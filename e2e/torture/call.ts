import { request, Agent, type Dispatcher } from 'undici';
import type { TestTenant } from '../../src-platform/gateway/testing/tenant-calls.ts';
import { integerBetween, type Random } from '../../src-platform/local/seeded-random.ts';
import { MODEL } from './site.ts';

/** How a call went, as its client saw it. Times are monotonic milliseconds, amounts nano-USD. */
export interface Call {
  readonly tenantId: string;
  /** Comes back in the provider's bill. */
  readonly tag: string;
  /** The most it can cost. */
  readonly bound: bigint;
  readonly sentAt: number;
  readonly endedAt: number;
  /** 0: no answer. */
  readonly status: number;
  /** The answer came to its end. */
  readonly complete: boolean;
  readonly requestId: string | undefined;
  readonly trimmed: boolean;
  /** What the gateway said of a refusal. */
  readonly error: string | undefined;
}

export interface CallPlan {
  readonly tenant: TestTenant;
  readonly tag: string;
  readonly body: string;
  readonly bound: bigint;
}

/** Rates of {@link MODEL}, nano-USD a token. */
const INPUT = 2_500n;
const OUTPUT = 10_000n;

/** A call of random size; `most`: output tokens at most. */
export function planCall(tenant: TestTenant, tag: string, random: Random, most = 800): CallPlan {
  const limit = integerBetween(random, 20, most);
  const stream = random() < 0.5;
  const script = {
    tag,
    answer: integerBetween(random, 1, limit + 50),
    prompt: integerBetween(random, 5, 60),
    cached: integerBetween(random, 0, 5),
    ...(random() < 0.3 ? { delayMs: integerBetween(random, 1, 40) } : {}),
    ...(stream && random() < 0.3 ? { gapMs: integerBetween(random, 1, 10) } : {}),
  };
  return plan(tenant, tag, limit, stream, script);
}

/** The bound is the bytes that go to the provider and the limit, at their rates: written here once more, to hold the gateway to it. */
export function plan(
  tenant: TestTenant,
  tag: string,
  limit: number,
  stream: boolean,
  script: Readonly<Record<string, unknown>>,
): CallPlan {
  const messages = [{ role: 'user', content: JSON.stringify({ ...script, tag }) }];
  const body = { model: MODEL, max_tokens: limit, messages, stream };
  const forwarded = JSON.stringify({ ...body, ...(stream ? { stream_options: { include_usage: true } } : {}) });
  const bound = BigInt(Buffer.byteLength(forwarded)) * INPUT + BigInt(limit) * OUTPUT;
  return { tenant, tag, body: JSON.stringify(body), bound };
}

/** The bound of a call as the provider got it. */
export const boundAtProvider = (bytes: number, limit: number): bigint => BigInt(bytes) * INPUT + BigInt(limit) * OUTPUT;

const PATIENCE_MS = 30_000;

/** Connections of the clients to the gateways. */
export function createClients(): Dispatcher {
  return new Agent({ connections: 256, headersTimeout: PATIENCE_MS, bodyTimeout: PATIENCE_MS });
}

/** Makes the call; never rejects. `cutAfter`: leaves after so many bytes of the answer. */
export async function makeCall(
  clients: Dispatcher,
  address: string,
  { tenant, tag, body, bound }: CallPlan,
  cutAfter = Number.POSITIVE_INFINITY,
): Promise<Call> {
  const sentAt = performance.now();
  const known = { tenantId: tenant.id, tag, bound, sentAt };
  let seen: Pick<Call, 'status' | 'requestId' | 'trimmed'> = { status: 0, requestId: undefined, trimmed: false };
  const ended = (complete: boolean, error?: string): Call => ({
    ...known,
    ...seen,
    endedAt: performance.now(),
    complete,
    error,
  });
  try {
    const answer = await request(`${address}/v1/chat/completions`, {
      dispatcher: clients,
      method: 'POST',
      headers: { authorization: `Bearer ${tenant.key}`, 'content-type': 'application/json' },
      body,
    });
    seen = {
      status: answer.statusCode,
      requestId: headerOf(answer.headers, 'x-tenantdesk-request-id'),
      trimmed: headerOf(answer.headers, 'x-tenantdesk-trimmed') !== undefined,
    };
    let text = '';
    let bytes = 0;
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes >= cutAfter) {
        answer.body.destroy();
        return ended(false);
      }
      text += chunk.toString('latin1');
    }
    const whole = !(headerOf(answer.headers, 'content-type') ?? '').includes('event-stream') || text.includes('[DONE]');
    return ended(whole, seen.status === 200 ? undefined : messageOf(text));
  } catch (error) {
    return ended(false, String(error));
  }
}

/** What an error answer says: a text of its own, so that the whole one needn't be kept. */
function messageOf(text: string): string {
  try {
    const { error } = JSON.parse(text) as { error?: { message?: unknown } };
    return String(error?.message);
  } catch {
    return `no JSON (${text.length} bytes)`;
  }
}

function headerOf(headers: Dispatcher.ResponseData['headers'], name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}
