import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import type { Random } from '../seeded-random.ts';
import { planAnswer } from './answer-plan.ts';
import { answerWords } from './answer-text.ts';
import type { BillBook } from './bill-book.ts';
import { readChatRequest, type ChatRequest } from './chat-request.ts';
import type { ProviderPrice } from './price-list.ts';
import { openCall, usageReport, waited, type ProviderCall } from './provider-call.ts';
import { PromptCache } from './prompt-cache.ts';
import { streamAnswer } from './stream-answer.ts';

export interface ProviderOptions {
  readonly prices: ReadonlyMap<string, ProviderPrice>;
  readonly bill: BillBook;
  /** The bearer credential that callers must show. */
  readonly credential: string;
  /** Share of calls that fail by chance, 0 to 1. */
  readonly failureRate: number;
  readonly random: Random;
  readonly now: () => Date;
}

const MOST_BODY_BYTES = 32 * 1024 * 1024;

/** The pretend provider's HTTP server: OpenAI's chat completions, streaming and not. `/v1` in the path may be left out. */
export function createProviderServer(options: ProviderOptions): Server {
  const cache = new PromptCache();
  const server = createServer((incoming, outgoing) => {
    answer(options, cache, incoming, outgoing).catch((error: unknown) => {
      if (!outgoing.headersSent) sendError(outgoing, 500, 'server_error', String(error));
      else outgoing.destroy();
    });
  });
  // Gateways keep connections open between calls; a close on our side in that moment would look like a failure.
  server.keepAliveTimeout = 120_000;
  return server;
}

async function answer(
  options: ProviderOptions,
  cache: PromptCache,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const id = `req_${randomUUID().replaceAll('-', '')}`;
  outgoing.setHeader('x-request-id', id);
  const body = await readBody(incoming);
  if (!isAuthorized(incoming.headers.authorization, options.credential)) {
    return sendError(outgoing, 401, 'invalid_request_error', 'Incorrect API key provided.', 'invalid_api_key');
  }
  const route = `${incoming.method ?? ''} ${(incoming.url ?? '').replace(/\?.*$/, '').replace(/^\/v1(?=\/)/, '')}`;
  if (route === 'GET /models') {
    const data = [...options.prices.keys()].map((model) => ({ id: model, object: 'model', owned_by: 'pretend' }));
    return sendJson(outgoing, 200, { object: 'list', data });
  }
  if (route !== 'POST /chat/completions') {
    return sendError(outgoing, 404, 'invalid_request_error', `Unknown request URL: ${route}.`);
  }
  if (body === undefined) return sendError(outgoing, 413, 'invalid_request_error', 'The request is too large.');
  let request: ChatRequest;
  try {
    request = readChatRequest(body);
  } catch (error) {
    return sendError(outgoing, 400, 'invalid_request_error', error instanceof Error ? error.message : 'Bad request.');
  }
  const price = options.prices.get(request.model);
  if (!price) {
    const message = `The model \`${request.model}\` does not exist or you do not have access to it.`;
    return sendError(outgoing, 404, 'invalid_request_error', message, 'model_not_found');
  }
  const plan = planAnswer(request, cache.seen(request.promptBeginning), options.failureRate, options.random);
  const callerId = header(incoming, 'x-tenantdesk-request-id') ?? header(incoming, 'x-request-id');
  const call = openCall(options.bill, { id, callerId, price, request, plan, startedAt: options.now() });
  const gone = new AbortController();
  outgoing.once('close', () => gone.abort());
  if (!(await waited(plan.firstByteMs, gone.signal))) {
    // The model reads the prompt before the first byte; a caller who leaves then has used it.
    if (plan.failStatus === undefined) call.bill(0, false);
    return;
  }
  if (plan.failStatus !== undefined) return sendFailure(outgoing, plan.failStatus);
  if (request.stream) return streamAnswer(call, outgoing, gone.signal);
  if (!(await waited(plan.writingMs, gone.signal))) return call.bill(plan.tokens.output, false);
  call.bill(plan.tokens.output, true);
  return sendJson(outgoing, 200, completion(call));
}

function completion({ id, request, plan, createdAt }: ProviderCall): Record<string, unknown> {
  const visible = Math.max(0, plan.tokens.output - plan.tokens.reasoning);
  const content = answerWords(0, Math.floor(visible / request.choices));
  return {
    id: `chatcmpl-${id.slice(4)}`,
    object: 'chat.completion',
    created: createdAt,
    model: request.model,
    choices: Array.from({ length: request.choices }, (_, index) => ({
      index,
      message: { role: 'assistant', content, refusal: null },
      logprobs: null,
      finish_reason: plan.finishReason,
    })),
    ...(request.markers.hideUsage ? {} : { usage: usageReport(plan) }),
  };
}

async function readBody(incoming: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of incoming) {
    if (!Buffer.isBuffer(part)) continue;
    size += part.length;
    if (size <= MOST_BODY_BYTES) parts.push(part);
  }
  return size <= MOST_BODY_BYTES ? Buffer.concat(parts).toString('utf8') : undefined;
}

function isAuthorized(authorization: string | undefined, credential: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(authorization ?? ''), digest(`Bearer ${credential}`));
}

function header(incoming: IncomingMessage, name: string): string | undefined {
  const value = incoming.headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function sendFailure(outgoing: ServerResponse, status: number): void {
  if (status === 429) outgoing.setHeader('retry-after', '1');
  const type = status === 429 ? 'rate_limit_error' : status >= 500 ? 'server_error' : 'invalid_request_error';
  sendError(outgoing, status, type, `The pretend provider fails with ${status}.`);
}

function sendError(outgoing: ServerResponse, status: number, type: string, message: string, code?: string): void {
  sendJson(outgoing, status, { error: { message, type, param: null, code: code ?? null } });
}

function sendJson(outgoing: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  outgoing.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  outgoing.end(text);
}
