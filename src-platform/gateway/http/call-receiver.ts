import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { badRequest, keyRefused, type Refusal } from '../admission/refusal.ts';
import type { RefusedCall } from '../admission/refusal-notes.ts';
import type { CallHandler } from '../calls/call-handler.ts';
import { CallReply } from '../calls/call-reply.ts';
import type { WireFormat } from '../calls/wire-format.ts';
import { FORMATS, formatOf as nearestFormat } from '../formats/formats.ts';
import { authenticate, type Caller } from '../policy/authenticate.ts';
import type { Policy } from '../policy/policy.ts';
import { createBodyRoom } from './body-room.ts';
import { internalError, noRoom, stopping, tooLarge } from './server-refusals.ts';

export interface CallReceiverPorts {
  readonly policy: Policy;
  readonly databaseNow: () => number;
  readonly newId: () => string;
  /** A key that is over was shown: the operator should see that somebody still uses it. */
  readonly onRefused: (call: RefusedCall) => void;
  /** Counts a refusal, whoever got it. */
  readonly onAnyRefusal: (refusal: Refusal) => void;
  readonly handleCall: CallHandler;
  readonly onError: (error: unknown) => void;
}

export interface CallReceiver {
  /** Turns away what two readers could understand in two ways; takes the calls of all wire formats, hands everything else on. */
  listener(others: RequestListener): RequestListener;
  /** From now on calls are turned away, and their connections closed. */
  stop(): void;
}

/** The way of a call, without a framework: who calls is known before the body is read. */
export function createCallReceiver(ports: CallReceiverPorts, bodyLimit: number): CallReceiver {
  const formats = new Map<string, WireFormat>(FORMATS.map((format) => [format.path, format]));
  const room = createBodyRoom(LARGE_BODIES);
  /** Their last answer is on its way: what came behind it in the same packet is not to run. */
  const ending = new WeakSet<Socket>();
  let open = true;

  function formatOf(incoming: IncomingMessage): WireFormat | undefined {
    const { method, url = '' } = incoming;
    if (method !== 'POST') return undefined;
    return formats.get(url) ?? formats.get(pathOf(incoming));
  }

  /** Refuses, and ends the connection. */
  function refuseLast(outgoing: ServerResponse, reply: CallReply, refusal: Refusal): void {
    outgoing.shouldKeepAlive = false;
    ending.add(outgoing.req.socket);
    reply.refuse(refusal);
  }

  function receive(incoming: IncomingMessage, outgoing: ServerResponse, format: WireFormat): void {
    const requestId = ports.newId();
    const reply = new CallReply(outgoing, format, requestId, ports.onAnyRefusal);
    if (!open) return refuseLast(outgoing, reply, stopping());
    const found = authenticate(ports.policy, incoming.rawHeaders, ports.databaseNow());
    if (found.kind === 'ambiguous') {
      return reply.refuse(badRequest('ambiguous_credentials', 'Send one API key in one header.'));
    }
    if (found.kind === 'failed') {
      const refusal = keyRefused(found.code);
      const { caller } = found;
      if (caller !== undefined) ports.onRefused({ caller, requestId, workflowId: null, model: null, refusal });
      return reply.refuse(refusal);
    }
    receiveBody(incoming, outgoing, reply, { format, caller: found.caller, requestId });
  }

  function receiveBody(
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    reply: CallReply,
    call: { readonly format: WireFormat; readonly caller: Caller; readonly requestId: string },
  ): void {
    let first: Buffer = NOTHING;
    let parts: Buffer[] | undefined;
    let bytes = 0;
    let whole = false;
    /** Of the room for bodies that come in more than one part, until the call is over. */
    let held = 0;
    const { tenantId } = call.caller.secret;
    const leaveRoom = (): void => {
      room.give(tenantId, held);
      held = 0;
    };
    const refuseRest = (refusal: Refusal): void => {
      // What is still to come is not read.
      incoming.removeListener('data', onData).removeListener('end', onEnd).pause();
      leaveRoom();
      refuseLast(outgoing, reply, refusal);
    };
    const onData = (part: Buffer): void => {
      bytes += part.length;
      if (bytes > bodyLimit) return refuseRest(tooLarge(bodyLimit));
      if (first === NOTHING) {
        first = part;
        return;
      }
      if (parts === undefined) incoming.once('close', () => whole || leaveRoom());
      const more = bytes - held;
      if (!room.take(tenantId, more)) return refuseRest(noRoom());
      held += more;
      (parts ??= [first]).push(part);
    };
    const onEnd = (): void => {
      whole = true;
      const body = parts === undefined ? first : Buffer.concat(parts, bytes);
      const over = ports.handleCall({ ...call, headers: incoming.headers, body, reply }).catch((error: unknown) => {
        ports.onError(error);
        if (outgoing.headersSent) outgoing.destroy();
        else reply.refuse(internalError());
      });
      if (held > 0) void over.finally(leaveRoom);
    };
    const announced = Number(incoming.headers['content-length'] ?? 0);
    if (announced > bodyLimit) return refuseRest(tooLarge(bodyLimit));
    // The client left while it sent: the response hears of it, nobody is to be told.
    incoming.on('error', () => undefined);
    incoming.on('data', onData);
    incoming.on('end', onEnd);
  }

  return {
    listener: (others) => (incoming, outgoing) => {
      if (ending.has(incoming.socket)) return;
      const format = formatOf(incoming);
      const misframed = misframing(incoming);
      if (misframed !== undefined) {
        const shape = format ?? nearestFormat(pathOf(incoming));
        refuseLast(outgoing, new CallReply(outgoing, shape, ports.newId(), ports.onAnyRefusal), misframed);
      } else if (format === undefined) others(incoming, outgoing);
      else receive(incoming, outgoing, format);
    },
    stop: () => {
      open = false;
    },
  };
}

const NOTHING = Buffer.alloc(0);
const MEGABYTE = 1024 * 1024;
/** A call takes several times the bytes of its body while it lasts. */
const LARGE_BODIES = { ofAll: 256 * MEGABYTE, ofOneTenant: 128 * MEGABYTE };

function pathOf({ url = '' }: IncomingMessage): string {
  return url.split('?', 1)[0] ?? '';
}

/** What the parser lets through and another one on the way may read differently. */
function misframing({ httpVersionMajor, httpVersionMinor, headers }: IncomingMessage): Refusal | undefined {
  if (httpVersionMajor !== 1) {
    return badRequest('invalid_request', 'This gateway speaks HTTP/1.1 and HTTP/1.0.', null, 505);
  }
  if (headers.host === undefined && httpVersionMinor > 0) {
    return badRequest('invalid_request', "A request in HTTP/1.1 needs the header 'host'.");
  }
  const encoding = headers['transfer-encoding'];
  if (encoding === undefined || encoding.toLowerCase() === 'chunked') return undefined;
  return badRequest('invalid_request', "The only 'transfer-encoding' taken here is 'chunked'.");
}
