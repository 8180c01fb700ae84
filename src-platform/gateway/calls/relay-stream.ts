import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import type { Dispatcher } from 'undici';
import type { ClientWatch, ForwardedCall } from './forward-call.ts';
import { createStreamMeter, type StreamMeter } from './stream-meter.ts';

interface RelayedStream extends ForwardedCall {
  readonly answer: Dispatcher.ResponseData;
  readonly leaving: ClientWatch;
}

/**
 * Passes a provider's stream on, event by event. When the client leaves, the provider's stream is read to its end (within the
 * watch's patience) for its usage. The end mark goes out after the call is settled.
 */
export async function relayStream(call: RelayedStream): Promise<FastifyReply> {
  const { reply, account, answer, leaving } = call;
  const { raw } = reply;
  reply.hijack();
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value);
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
  });
  const meter = createStreamMeter(call.call.streamReader());
  let broken = false;
  try {
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      account.firstByte();
      await send(raw, leaving, meter.push(chunk));
    }
  } catch {
    broken = true;
  }
  const last = meter.end();
  settle(call, meter, broken);
  if (leaving.gone) return reply;
  if (broken) {
    raw.destroy();
    return reply;
  }
  for (const event of last) raw.write(event);
  raw.end();
  return reply;
}

function settle({ account, leaving, answer }: RelayedStream, meter: StreamMeter, broken: boolean): void {
  const outcome = leaving.gone ? 'client_closed' : broken || !meter.completed ? 'interrupted' : 'ok';
  const { statusCode: status } = answer;
  if (meter.usage === undefined) account.settle({ kind: 'unknown', status, outcome });
  else account.settle({ kind: 'billed', usage: meter.usage, status, outcome });
}

/** Waits for a slow client, but not for one that is gone. */
async function send(raw: ServerResponse, leaving: ClientWatch, events: readonly Buffer[]): Promise<void> {
  if (events.length === 0 || leaving.gone || raw.destroyed) return;
  const [first] = events;
  const bytes = events.length === 1 && first !== undefined ? first : Buffer.concat(events);
  if (raw.write(bytes)) return;
  await new Promise<void>((resolve) => {
    const go = (): void => {
      raw.off('drain', go);
      raw.off('close', go);
      resolve();
    };
    raw.on('drain', go);
    raw.on('close', go);
  });
}
