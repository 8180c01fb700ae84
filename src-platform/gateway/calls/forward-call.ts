import { isAscii } from 'node:buffer';
import type { IncomingHttpHeaders } from 'node:http';
import { providerTrouble } from '../admission/refusal.ts';
import type { CallAccount, Settled } from '../ledger/call-accounts.ts';
import { usdText } from '../pricing/money-text.ts';
import { AnswerTooLarge } from '../upstream/answer-too-large.ts';
import { ProviderBroke, type ProviderAnswer } from '../upstream/provider-exchange.ts';
import type { CallReply } from './call-reply.ts';
import { ClientWatch } from './client-watch.ts';
import type { ProviderRoute } from './provider-pools.ts';
import { relayStream } from './relay-stream.ts';
import type { WireCall, WireFormat } from './wire-format.ts';

export interface ForwardedCall {
  readonly format: WireFormat;
  readonly call: WireCall;
  /** The client's, of which the format lets some pass. */
  readonly headers: IncomingHttpHeaders;
  readonly reply: CallReply;
  readonly route: ProviderRoute;
  readonly body: string;
  /** Of the body in UTF-8. */
  readonly bytes: number;
  /** The output limit that the body got, when it is lower than the call's own; else null. */
  readonly trimmedTo: number | null;
  readonly requestId: string;
  readonly account: CallAccount;
  /** What the tenant has left; undefined: no cap. */
  readonly remaining: () => bigint | undefined;
  /** What earlier attempts cost, nano-USD. */
  readonly earlierCost: bigint;
  /** There is another provider to ask when this one does not run the call. */
  readonly another: boolean;
}

/** The provider did not run the call, and nothing was answered yet. */
export interface Trouble {
  /** What it billed nevertheless, nano-USD. */
  readonly cost: bigint;
  /** Answers with what it said, if nobody else is asked. */
  answer(): void;
}

/** How long the provider's answer is still read after the client left, so that its bill becomes known. */
const DRAIN_MS = 30_000;
const BAD_GATEWAY = 502;
/**
 * Answers after which another provider is asked: it is overloaded or broken, does not know the platform's credential or the model, or points
 * elsewhere. What is wrong with the call itself would be wrong there too.
 */
export const PASSES_ON = new Set([301, 302, 303, 307, 308, 401, 403, 404, 408, 429, 500, 502, 503, 504, 529]);

/** Sends an admitted call to the provider, settles it, answers; or settles it and tells the trouble, when another may be asked. */
export async function forwardCall(call: ForwardedCall): Promise<Trouble | undefined> {
  const { format, reply, route, requestId, body, bytes } = call;
  const { stream } = call.call;
  const leaving = new ClientWatch(reply.raw, DRAIN_MS);
  if (leaving.gone) {
    leaving.stop();
    call.account.settle({ kind: 'unsent', clientLeft: true });
    return undefined;
  }
  const sent = route.sent();
  try {
    const sending = route.line.send({
      path: format.providerPath(route.basePath),
      headers: {
        'content-type': 'application/json',
        accept: stream ? 'text/event-stream' : 'application/json',
        'accept-encoding': 'identity',
        ...format.providerHeaders(route.credential, call.headers),
        'x-request-id': requestId,
        'user-agent': 'tenantdesk-gateway',
      },
      body,
      bodyBytes: bytes,
    });
    // What waits for a connection is not sent for nobody; what was sent is read for its bill.
    leaving.onLeft(() => sending.abortUnsent(new Error('The client left.')));
    leaving.onPatienceOver(() => sending.abort(new Error('The client left.')));
    const answer = await sending.answered;
    sent.answered();
    if (stream && answer.statusCode === 200 && answer.contentType.startsWith('text/event-stream')) {
      tellTrimmed(call);
      route.streams.open += 1;
      try {
        await relayStream(call, answer, leaving);
      } finally {
        route.streams.open -= 1;
      }
      return undefined;
    }
    const answering = await settleWhole(call, answer, leaving);
    if (call.another && !leaving.gone && PASSES_ON.has(answer.statusCode)) return answering;
    answering.answer();
    return undefined;
  } catch (error) {
    if (leaving.gone) sent.dropped();
    else sent.failed();
    return await answerTrouble(call, error, leaving);
  } finally {
    leaving.stop();
  }
}

/** The whole answer is read first: its usage is settled before its last byte leaves. Answers how to pass it on. */
async function settleWhole(call: ForwardedCall, answer: ProviderAnswer, leaving: ClientWatch): Promise<Trouble> {
  const { account, format, reply } = call;
  const { statusCode: status } = answer;
  account.firstByte();
  const bytes = await answer.whole();
  const text = bytes.toString('utf8');
  const usage = format.usageOfAnswer(text);
  const good = status >= 200 && status < 300;
  let settled: Settled;
  if (usage !== undefined) {
    const outcome = !good ? 'provider_error' : leaving.gone ? 'client_closed' : 'ok';
    settled = account.settle({ kind: 'billed', usage, status, outcome });
  } else if (good) {
    settled = account.settle({ kind: 'unknown', status, outcome: leaving.gone ? 'client_closed' : 'ok' });
  } else {
    settled = account.settle({ kind: 'unbilled', status });
  }
  await settled.written;
  const answering = (): void => {
    // The platform's own credential failed, or the provider points elsewhere: neither is the tenant's to see.
    if (status === 401 || status === 403 || (status >= 300 && status < 400)) {
      return refuseBadGateway(call, 'provider_rejected', 'The AI provider did not accept the call.');
    }
    tellTrimmed(call);
    if (answer.retryAfter !== undefined) reply.header('retry-after', answer.retryAfter);
    reply.header('x-tenantdesk-cost-usd', usdText(settled.cost + call.earlierCost));
    const remaining = call.remaining();
    if (remaining !== undefined) reply.header('x-tenantdesk-remaining-usd', usdText(remaining));
    const contentType = answer.contentType || 'application/json';
    if (isAscii(bytes)) reply.sendAscii(status, contentType, text);
    else reply.send(status, contentType, bytes);
  };
  return { cost: settled.cost, answer: answering };
}

function tellTrimmed({ reply, trimmedTo }: ForwardedCall): void {
  if (trimmedTo !== null) reply.header('x-tenantdesk-trimmed', String(trimmedTo));
}

async function answerTrouble(call: ForwardedCall, error: unknown, leaving: ClientWatch): Promise<Trouble | undefined> {
  const { account } = call;
  if (error instanceof ProviderBroke && !error.sent) {
    account.settle({ kind: 'unsent', clientLeft: leaving.gone });
    const answering = (): void =>
      refuseBadGateway(call, 'provider_unreachable', 'The AI provider could not be reached. Try again.');
    if (call.another && !leaving.gone) return { cost: 0n, answer: answering };
    answering();
    return undefined;
  }
  const outcome = leaving.gone ? 'client_closed' : 'interrupted';
  await account.settle({ kind: 'unknown', status: BAD_GATEWAY, outcome }).written;
  if (error instanceof ProviderBroke && error.cause instanceof AnswerTooLarge) {
    refuseTooLarge(call, error.cause);
    return undefined;
  }
  refuseBadGateway(
    call,
    'provider_interrupted',
    'The AI provider broke off. What the call cost is not known; its highest cost is charged until it is.',
  );
  // It may have run and be billed: only who called can say whether to pay for another.
  return undefined;
}

/** SDKs must not send it again: the next answer would be as large, and cost as much. */
function refuseTooLarge({ reply }: ForwardedCall, { message }: AnswerTooLarge): void {
  const refusal = providerTrouble(
    BAD_GATEWAY,
    'answer_too_large',
    `${message} This gateway takes no larger ones: ask for less in one call. What it cost is not known; its highest cost is charged until it is.`,
  );
  reply.refuse({ ...refusal, headers: { ...refusal.headers, 'x-should-retry': 'false' } });
}

function refuseBadGateway({ reply }: ForwardedCall, code: string, message: string): void {
  if (reply.raw.headersSent || reply.raw.destroyed) reply.raw.destroy();
  else reply.refuse(providerTrouble(BAD_GATEWAY, code, message));
}
