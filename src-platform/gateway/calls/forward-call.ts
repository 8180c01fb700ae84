import type { IncomingHttpHeaders } from 'node:http';
import { providerTrouble } from '../admission/refusal.ts';
import type { CallAccount, Settled } from '../ledger/call-accounts.ts';
import { usdText } from '../pricing/money-text.ts';
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
}

/** How long the provider's answer is still read after the client left, so that its bill becomes known. */
const DRAIN_MS = 30_000;
const BAD_GATEWAY = 502;

/** Sends an admitted call to the provider, settles it, answers. */
export async function forwardCall(call: ForwardedCall): Promise<void> {
  const { format, reply, route, requestId, trimmedTo, body, bytes } = call;
  const { stream } = call.call;
  const leaving = new ClientWatch(reply.raw, DRAIN_MS);
  const sent = route.sent();
  if (trimmedTo !== null) reply.header('x-tenantdesk-trimmed', String(trimmedTo));
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
    leaving.onPatienceOver(() => sending.abort(new Error('The client left.')));
    const answer = await sending.answered;
    sent.answered();
    if (stream && answer.statusCode === 200 && answer.contentType.startsWith('text/event-stream')) {
      await relayStream(call, answer, leaving);
    } else {
      await answerWhole(call, answer, leaving);
    }
  } catch (error) {
    if (leaving.gone) sent.dropped();
    else sent.failed();
    await answerTrouble(call, error, leaving);
  } finally {
    leaving.stop();
  }
}

/** The whole answer is read first: its usage is settled before its last byte leaves. */
async function answerWhole(call: ForwardedCall, answer: ProviderAnswer, leaving: ClientWatch): Promise<void> {
  const { account, format, reply } = call;
  const { statusCode: status } = answer;
  account.firstByte();
  const bytes = await answer.whole();
  const usage = format.usageOfAnswer(bytes.toString('utf8'));
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
  // The platform's own credential failed, or the provider points elsewhere: neither is the tenant's to see.
  if (status === 401 || status === 403 || (status >= 300 && status < 400)) {
    return refuseBadGateway(call, 'provider_rejected', 'The AI provider did not accept the call.');
  }
  if (answer.retryAfter !== undefined) reply.header('retry-after', answer.retryAfter);
  reply.header('x-tenantdesk-cost-usd', usdText(settled.cost));
  const remaining = call.remaining();
  if (remaining !== undefined) reply.header('x-tenantdesk-remaining-usd', usdText(remaining));
  reply.send(status, answer.contentType || 'application/json', bytes);
}

async function answerTrouble(call: ForwardedCall, error: unknown, leaving: ClientWatch): Promise<void> {
  const { account } = call;
  if (error instanceof ProviderBroke && !error.sent) {
    account.settle({ kind: 'unsent' });
    return refuseBadGateway(call, 'provider_unreachable', 'The AI provider could not be reached. Try again.');
  }
  const outcome = leaving.gone ? 'client_closed' : 'interrupted';
  await account.settle({ kind: 'unknown', status: BAD_GATEWAY, outcome }).written;
  refuseBadGateway(
    call,
    'provider_interrupted',
    'The AI provider broke off. What the call cost is not known; its highest cost is charged until it is.',
  );
}

function refuseBadGateway({ reply }: ForwardedCall, code: string, message: string): void {
  if (reply.raw.headersSent) reply.raw.destroy();
  else reply.refuse(providerTrouble(BAD_GATEWAY, code, message));
}
