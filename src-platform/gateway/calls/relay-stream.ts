import type { Settled } from '../ledger/call-accounts.ts';
import type { ProviderAnswer } from '../upstream/provider-exchange.ts';
import type { ClientWatch } from './client-watch.ts';
import type { ForwardedCall } from './forward-call.ts';
import { createStreamMeter, type StreamMeter } from './stream-meter.ts';

/**
 * Passes a provider's stream on, event by event. When the client leaves, the provider's stream is read to its end (within the
 * watch's patience) for its usage. The end mark goes out after the call is settled.
 */
export async function relayStream(call: ForwardedCall, answer: ProviderAnswer, leaving: ClientWatch): Promise<void> {
  const { reply, account } = call;
  const { raw } = reply;
  reply.begin(200, 'text/event-stream; charset=utf-8');
  const meter = createStreamMeter(call.call.streamReader(), call.route.largestAnswerBytes);
  // A slow client is waited for, but not one that is gone.
  const resume = (): void => answer.resume();
  raw.on('drain', resume);
  raw.on('close', resume);
  let broken = false;
  try {
    await answer.each((chunk) => {
      account.firstByte();
      const events = meter.push(chunk);
      if (events.length === 0 || leaving.gone || raw.destroyed) return;
      const [first] = events;
      const bytes = events.length === 1 && first !== undefined ? first : Buffer.concat(events);
      if (!raw.write(bytes)) answer.pause();
    });
  } catch {
    broken = true;
  }
  raw.off('drain', resume);
  raw.off('close', resume);
  const last = meter.end();
  await settle(call, answer, meter, { gone: leaving.gone, broken }).written;
  if (leaving.gone) return;
  if (broken) {
    raw.destroy();
    return;
  }
  raw.end(Buffer.concat(last));
}

function settle(
  { account }: ForwardedCall,
  { statusCode: status }: ProviderAnswer,
  meter: StreamMeter,
  { gone, broken }: { readonly gone: boolean; readonly broken: boolean },
): Settled {
  const outcome = gone ? 'client_closed' : broken || !meter.completed ? 'interrupted' : 'ok';
  if (meter.usage === undefined) return account.settle({ kind: 'unknown', status, outcome });
  return account.settle({ kind: 'billed', usage: meter.usage, status, outcome });
}
