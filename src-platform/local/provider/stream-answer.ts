import type { ServerResponse } from 'node:http';
import { answerWords } from './answer-text.ts';
import { usageReport, waited, type ProviderCall } from './provider-call.ts';

const MOST_CHUNKS = 60;
const LEAST_TOKENS_A_CHUNK = 4;

/** Writes the answer as server-sent events: role, pieces of text, the reason of the end, usage if wanted, `[DONE]`. */
export async function streamAnswer(call: ProviderCall, outgoing: ServerResponse, gone: AbortSignal): Promise<void> {
  const { request, plan } = call;
  const { markers, choices } = request;
  const visible = Math.max(0, plan.tokens.output - plan.tokens.reasoning);
  const each = Math.floor(visible / choices);
  const step = Math.max(LEAST_TOKENS_A_CHUNK, Math.ceil(each / MOST_CHUNKS));
  const gapMs = markers.gapMs ?? plan.writingMs / Math.max(1, Math.ceil(each / step));
  outgoing.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
  let sent = 0;
  const send = (delta: Record<string, unknown>, finishReason: string | null): void => {
    for (let index = 0; index < choices; index += 1) {
      outgoing.write(event(call, [{ index, delta, logprobs: null, finish_reason: finishReason }], null));
    }
    sent += 1;
  };
  send({ role: 'assistant', content: '', refusal: null }, null);
  for (let from = 0; from < each; from += step) {
    const made = plan.tokens.reasoning + from * choices;
    if (sent - 1 === markers.cutAfterChunks) {
      call.bill(made, false);
      outgoing.destroy();
      return;
    }
    if (!(await waited(gapMs, gone))) {
      call.bill(made, false);
      return;
    }
    send({ content: answerWords(from, Math.min(step, each - from)) }, null);
  }
  call.bill(plan.tokens.output, true);
  send({}, plan.finishReason);
  if (request.includeUsage && !markers.hideUsage) outgoing.write(event(call, [], usageReport(plan)));
  outgoing.end('data: [DONE]\n\n');
}

/** One event. With usage asked for, all chunks carry the field, null but in the last, as OpenAI does. */
function event(call: ProviderCall, choices: readonly unknown[], usage: Record<string, unknown> | null): string {
  const chunk = {
    id: `chatcmpl-${call.id.slice(4)}`,
    object: 'chat.completion.chunk',
    created: call.createdAt,
    model: call.request.model,
    choices,
    ...(call.request.includeUsage ? { usage } : {}),
  };
  return `data: ${JSON.stringify(chunk)}\n\n`;
}
