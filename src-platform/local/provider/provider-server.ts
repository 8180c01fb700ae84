import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import type { Random } from '../seeded-random.ts';
import { planAnswer } from './answer-plan.ts';
import { answerWords } from './answer-text.ts';
import type { BillBook } from './bill-book.ts';
import { chat } from './formats/chat.ts';
import { embeddings } from './formats/embeddings.ts';
import { messages, readCount } from './formats/messages.ts';
import { responses } from './formats/responses.ts';
import type { ProviderPrice } from './price-list.ts';
import { openCall, waited } from './provider-call.ts';
import type { ProviderFormat, ProviderRequest } from './provider-format.ts';
import { PromptCache } from './prompt-cache.ts';
import { streamAnswer } from './stream-answer.ts';

export interface ProviderOptions {
  readonly prices: ReadonlyMap<string, ProviderPrice>;
  readonly bill: Pick<BillBook, 'add'>;
  /** The credential that callers must show. */
  readonly credential: string;
  /** Share of calls that fail by chance, 0 to 1. */
  readonly failureRate: number;
  readonly random: Random;
  readonly now: () => Date;
}

const MOST_BODY_BYTES = 32 * 1024 * 1024;
const COUNT_PATH = '/messages/count_tokens';
const FORMATS: readonly ProviderFormat[] = [chat, responses, embeddings, messages];

/** The pretend provider's HTTP server: OpenAI's formats and Anthropic's, streaming and not. `/v1` in the path may be left out. */
export function createProviderServer(options: ProviderOptions): Server {
  const cache = new PromptCache();
  const server = createServer((incoming, outgoing) => {
    answer(options, cache, incoming, outgoing).catch((error: unknown) => {
      if (!outgoing.headersSent) sendError(outgoing, chat, 500, 'server_error', String(error));
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
  outgoing.setHeader('request-id', id);
  const body = await readBody(incoming);
  const path = (incoming.url ?? '').replace(/\?.*$/, '').replace(/^\/v1(?=\/)/, '');
  const format = FORMATS.find((one) => one.path === path) ?? (path === COUNT_PATH ? messages : chat);
  const refuse = (status: number, type: string, message: string, code?: string): void =>
    sendError(outgoing, format, status, type, message, code);
  if (!isCredential(format.credential(incoming.headers), options.credential)) {
    return refuse(401, 'invalid_request_error', 'Incorrect API key provided.', 'invalid_api_key');
  }
  if (incoming.method === 'GET' && path === '/models') {
    const data = [...options.prices.keys()].map((model) => ({ id: model, object: 'model', owned_by: 'pretend' }));
    return sendJson(outgoing, 200, { object: 'list', data });
  }
  if (incoming.method === 'POST' && path === COUNT_PATH) return countTokens(options, outgoing, refuse, body ?? '');
  if (incoming.method !== 'POST' || format.path !== path) {
    return refuse(404, 'invalid_request_error', `Unknown request URL: ${incoming.method ?? ''} ${path}.`);
  }
  if (body === undefined) return refuse(413, 'invalid_request_error', 'The request is too large.');
  let request: ProviderRequest;
  try {
    request = format.read(body);
  } catch (error) {
    return refuse(400, 'invalid_request_error', error instanceof Error ? error.message : 'Bad request.');
  }
  const price = options.prices.get(request.model);
  if (!price) {
    const message = `The model \`${request.model}\` does not exist or you do not have access to it.`;
    return refuse(404, 'invalid_request_error', message, 'model_not_found');
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
  if (plan.failStatus !== undefined) return sendFailure(outgoing, format, plan.failStatus);
  if (request.markers.breaks) {
    call.bill(plan.tokens.output, false);
    outgoing.destroy();
    return;
  }
  if (request.stream) return streamAnswer(call, format.stream(call), outgoing, gone.signal);
  if (!(await waited(plan.writingMs, gone.signal))) return call.bill(plan.tokens.output, false);
  call.bill(plan.tokens.output, true);
  const visible = Math.max(0, plan.tokens.output - plan.tokens.reasoning);
  return sendJson(outgoing, 200, format.whole(call, answerWords(0, Math.floor(visible / request.choices))));
}

/** How many tokens a message would have; free, and in no bill. */
function countTokens(
  { prices }: ProviderOptions,
  outgoing: ServerResponse,
  refuse: (status: number, type: string, message: string) => void,
  body: string,
): void {
  try {
    const { model, promptTokens } = readCount(body);
    if (!prices.has(model)) return refuse(404, 'invalid_request_error', `model: ${model}`);
    sendJson(outgoing, 200, { input_tokens: promptTokens });
  } catch (error) {
    refuse(400, 'invalid_request_error', error instanceof Error ? error.message : 'Bad request.');
  }
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

function isCredential(shown: string, credential: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(shown), digest(credential));
}

function header(incoming: IncomingMessage, name: string): string | undefined {
  const value = incoming.headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function sendFailure(outgoing: ServerResponse, format: ProviderFormat, status: number): void {
  if (status === 429) outgoing.setHeader('retry-after', '1');
  const type = status === 429 ? 'rate_limit_error' : status >= 500 ? 'server_error' : 'invalid_request_error';
  sendError(outgoing, format, status, type, `The pretend provider fails with ${status}.`);
}

function sendError(
  outgoing: ServerResponse,
  format: ProviderFormat,
  status: number,
  type: string,
  message: string,
  code?: string,
): void {
  sendJson(outgoing, status, format.error(status, type, message, code ?? null));
}

function sendJson(outgoing: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  outgoing.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  outgoing.end(text);
}
