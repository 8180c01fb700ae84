import { EventEmitter } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyReply } from 'fastify';
import type { Dispatcher } from 'undici';
import { providerTrouble } from '../admission/refusal.ts';
import type { CallAccount } from '../ledger/call-accounts.ts';
import { usdText } from '../pricing/money-text.ts';
import { answerRefusal } from './answer-refusal.ts';
import type { ProviderRoute } from './provider-pools.ts';
import { neverSent } from './provider-trouble.ts';
import { relayStream } from './relay-stream.ts';
import type { WireCall, WireFormat } from './wire-format.ts';

export interface ForwardedCall {
  readonly format: WireFormat;
  readonly call: WireCall;
  /** The client's, of which the format lets some pass. */
  readonly headers: IncomingHttpHeaders;
  readonly reply: FastifyReply;
  readonly route: ProviderRoute;
  readonly body: string;
  /** The output limit that the body got, when it is lower than the call's own; else null. */
  readonly trimmedTo: number | null;
  readonly requestId: string;
  readonly account: CallAccount;
  /** What the tenant has left; undefined: no cap. */
  readonly remaining: () => bigint | undefined;
}

/** How long the provider's answer is still read after the client left, so that its bill becomes known. */
const DRAIN_MS = 30_000;
const BAD_GATEWAY = 502;

/** Sends an admitted call to the provider, settles it, answers. */
export async function forwardCall(call: ForwardedCall): Promise<FastifyReply> {
  const { format, reply, route, requestId, trimmedTo } = call;
  const { stream } = call.call;
  const leaving = watchClient(reply);
  const sent = route.sent();
  if (trimmedTo !== null) reply.header('x-tenantdesk-trimmed', String(trimmedTo));
  try {
    const answer = await route.pool.request({
      method: 'POST',
      path: format.providerPath(route.basePath),
      headers: {
        'content-type': 'application/json',
        accept: stream ? 'text/event-stream' : 'application/json',
        'accept-encoding': 'identity',
        ...format.providerHeaders(route.credential, call.headers),
        'x-request-id': requestId,
        'user-agent': 'tenantdesk-gateway',
      },
      body: call.body,
      signal: leaving.signal,
    });
    sent.answered();
    const contentType = textOf(answer.headers['content-type']);
    if (stream && answer.statusCode === 200 && contentType.startsWith('text/event-stream')) {
      return await relayStream({ ...call, answer, leaving });
    }
    return await answerWhole(call, answer, contentType, leaving);
  } catch (error) {
    if (leaving.gone) sent.dropped();
    else sent.failed();
    return answerTrouble(call, error, leaving);
  } finally {
    leaving.stop();
  }
}

/** The whole answer is read first: its usage is settled before its last byte leaves. */
async function answerWhole(
  call: ForwardedCall,
  answer: Dispatcher.ResponseData,
  contentType: string,
  leaving: ClientWatch,
): Promise<FastifyReply> {
  const { account, format, reply } = call;
  const { statusCode: status } = answer;
  account.firstByte();
  const text = await answer.body.text();
  const usage = format.usageOfAnswer(text);
  const good = status >= 200 && status < 300;
  let cost: bigint;
  if (usage !== undefined) {
    const outcome = !good ? 'provider_error' : leaving.gone ? 'client_closed' : 'ok';
    cost = account.settle({ kind: 'billed', usage, status, outcome });
  } else if (good) {
    cost = account.settle({ kind: 'unknown', status, outcome: leaving.gone ? 'client_closed' : 'ok' });
  } else {
    cost = account.settle({ kind: 'unbilled', status });
  }
  // The platform's own credential failed, or the provider points elsewhere: neither is the tenant's to see.
  if (status === 401 || status === 403 || (status >= 300 && status < 400)) {
    return answerBadGateway(call, 'provider_rejected', 'The AI provider did not accept the call.');
  }
  const retryAfter = answer.headers['retry-after'];
  if (typeof retryAfter === 'string') reply.header('retry-after', retryAfter);
  reply.header('x-tenantdesk-cost-usd', usdText(cost));
  const remaining = call.remaining();
  if (remaining !== undefined) reply.header('x-tenantdesk-remaining-usd', usdText(remaining));
  return reply
    .code(status)
    .type(contentType || 'application/json')
    .send(text);
}

function answerTrouble(call: ForwardedCall, error: unknown, leaving: ClientWatch): FastifyReply {
  const { account } = call;
  if (neverSent(error)) {
    account.settle({ kind: 'unsent' });
    return answerBadGateway(call, 'provider_unreachable', 'The AI provider could not be reached. Try again.');
  }
  const outcome = leaving.gone ? 'client_closed' : 'interrupted';
  account.settle({ kind: 'unknown', status: BAD_GATEWAY, outcome });
  return answerBadGateway(
    call,
    'provider_interrupted',
    'The AI provider broke off. What the call cost is not known; its highest cost is charged until it is.',
  );
}

function answerBadGateway({ reply, format }: ForwardedCall, code: string, message: string): FastifyReply {
  return answerRefusal(reply, format, providerTrouble(BAD_GATEWAY, code, message));
}

/** Notices a client that leaves before its answer is complete, and ends the provider's answer some time after that. */
export interface ClientWatch {
  readonly gone: boolean;
  readonly signal: EventEmitter;
  stop(): void;
}

function watchClient(reply: FastifyReply): ClientWatch {
  // undici takes an emitter for a signal: cheaper than an AbortController a call.
  const signal = new EventEmitter();
  let gone = false;
  let timer: NodeJS.Timeout | undefined;
  const onClose = (): void => {
    if (reply.raw.writableFinished) return;
    gone = true;
    timer = setTimeout(() => signal.emit('abort'), DRAIN_MS);
  };
  reply.raw.once('close', onClose);
  return {
    get gone() {
      return gone;
    },
    signal,
    stop: () => {
      clearTimeout(timer);
      reply.raw.off('close', onClose);
    },
  };
}

function textOf(header: string | string[] | undefined): string {
  return typeof header === 'string' ? header : '';
}
