import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { billedCost } from './scripted-bill.ts';

/** What a scripted provider is told to do, inside the last message as JSON: `{"answer":120,"gapMs":5}`. */
interface Script {
  /** Output tokens; never above the call's limit. */
  readonly answer?: number;
  readonly prompt?: number;
  readonly cached?: number;
  readonly reasoning?: number;
  readonly delayMs?: number;
  /** Between the chunks of a stream. */
  readonly gapMs?: number;
  readonly fail?: number;
  /** Ends the connection after so many chunks. */
  readonly cutAfter?: number;
  readonly hideUsage?: boolean;
  /** Comes back in the bill: whose call it was, for those whose answer never arrived. */
  readonly tag?: string;
}

export interface BilledCall {
  readonly requestId: string;
  readonly costNanoUsd: bigint;
  readonly outputTokens: number;
  readonly maxTokens: number | undefined;
  readonly stream: boolean;
  readonly tag: string | undefined;
  /** Of the request, as it came. */
  readonly bodyBytes: number;
  /** Monotonic milliseconds. */
  readonly arrivedAt: number;
  /** When the answer was done with, whole or not; undefined: it is under way. */
  answeredAt?: number;
}

/** A provider for tests that keeps its own bill, by its own arithmetic. */
export interface ScriptedProvider {
  readonly baseUrl: string;
  readonly bill: BilledCall[];
  /** Every request that arrived, billed or not. */
  readonly requests: { readonly headers: IncomingMessage['headers']; readonly body: Record<string, unknown> }[];
  close(): Promise<void>;
}

export const PROVIDER_CREDENTIAL = 'sk-provider-secret';

export async function startScriptedProvider(): Promise<ScriptedProvider> {
  const bill: BilledCall[] = [];
  const requests: ScriptedProvider['requests'] = [];
  const server: Server = createServer((request, response) => {
    // A request that breaks off in the middle is none.
    answer(request, response, bill, requests).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    bill,
    requests,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  bill: BilledCall[],
  requests: ScriptedProvider['requests'],
): Promise<void> {
  const arrivedAt = performance.now();
  let text = '';
  for await (const chunk of request) text += String(chunk);
  const body = JSON.parse(text) as Record<string, unknown>;
  requests.push({ headers: request.headers, body });
  const script = scriptOf(body);
  if (request.headers.authorization !== `Bearer ${PROVIDER_CREDENTIAL}`) return fail(response, 401);
  if (script.delayMs !== undefined) await pause(script.delayMs);
  if (script.fail !== undefined) return fail(response, script.fail);
  const limit = numberIn(body, 'max_completion_tokens') ?? numberIn(body, 'max_tokens');
  const wanted = script.answer ?? 10;
  const output = Math.min(wanted, limit ?? Number.POSITIVE_INFINITY);
  const finish = output < wanted ? 'length' : 'stop';
  const usage = {
    prompt_tokens: script.prompt ?? 12,
    completion_tokens: output,
    total_tokens: (script.prompt ?? 12) + output,
    prompt_tokens_details: { cached_tokens: script.cached ?? 0 },
    completion_tokens_details: { reasoning_tokens: script.reasoning ?? 0 },
  };
  const stream = body['stream'] === true;
  const billed: BilledCall = {
    requestId: String(request.headers['x-request-id']),
    costNanoUsd: billedCost(usage.prompt_tokens, script.cached ?? 0, output),
    outputTokens: output,
    maxTokens: limit,
    stream,
    tag: script.tag,
    bodyBytes: Buffer.byteLength(text),
    arrivedAt,
  };
  bill.push(billed);
  response.once('close', () => {
    billed.answeredAt = performance.now();
  });
  const reported = script.hideUsage === true ? undefined : usage;
  if (stream) return streamAnswer(response, body, script, { output, finish, usage: reported });
  response.setHeader('content-type', 'application/json');
  response.end(
    JSON.stringify({
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 1,
      model: body['model'],
      choices: [{ index: 0, message: { role: 'assistant', content: 'ok '.repeat(3) }, finish_reason: finish }],
      usage: reported,
    }),
  );
}

const STREAM_CHUNKS = 5;

async function streamAnswer(
  response: ServerResponse,
  body: Record<string, unknown>,
  script: Script,
  { output, finish, usage }: { readonly output: number; readonly finish: string; readonly usage: unknown },
): Promise<void> {
  const wantsUsage = Reflect.get(Object(body['stream_options']), 'include_usage') === true;
  response.setHeader('content-type', 'text/event-stream');
  const chunk = (choices: unknown, extra: Record<string, unknown> = {}): void => {
    const event = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: body['model'], choices };
    response.write(`data: ${JSON.stringify({ ...event, ...(wantsUsage ? { usage: null } : {}), ...extra })}\n\n`);
  };
  for (let index = 0; index < STREAM_CHUNKS; index += 1) {
    if (script.cutAfter === index) {
      response.destroy();
      return;
    }
    chunk([{ index: 0, delta: { content: `part ${index} of ${output} ` }, finish_reason: null }]);
    if (script.gapMs !== undefined) await pause(script.gapMs);
  }
  chunk([{ index: 0, delta: {}, finish_reason: finish }]);
  if (wantsUsage && usage !== undefined) chunk([], { usage });
  response.end('data: [DONE]\n\n');
}

function scriptOf(body: Record<string, unknown>): Script {
  const { messages } = body;
  const last: unknown = Array.isArray(messages) ? messages.at(-1) : undefined;
  const content: unknown = Reflect.get(Object(last), 'content');
  try {
    return typeof content === 'string' ? (JSON.parse(content) as Script) : {};
  } catch {
    return {};
  }
}

function fail(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ error: { message: `scripted ${status}`, type: 'server_error', code: null } }));
}

function numberIn(body: Record<string, unknown>, field: string): number | undefined {
  const value = body[field];
  return typeof value === 'number' ? value : undefined;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
