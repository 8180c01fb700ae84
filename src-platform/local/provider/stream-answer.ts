import type { ServerResponse } from 'node:http';
import { answerWords } from './answer-text.ts';
import { waited, type ProviderCall } from './provider-call.ts';
import type { StreamShape } from './provider-format.ts';

const MOST_CHUNKS = 60;
const LEAST_TOKENS_A_CHUNK = 4;

/** Writes the answer as server-sent events: its beginning, pieces of text or the call of a tool, its end with the usage. */
export async function streamAnswer(
  call: ProviderCall,
  shape: StreamShape,
  outgoing: ServerResponse,
  gone: AbortSignal,
): Promise<void> {
  const { request, plan } = call;
  const { markers, choices, tool } = request;
  const visible = Math.max(0, plan.tokens.output - plan.tokens.reasoning);
  const each = Math.floor(visible / choices);
  const step = Math.max(LEAST_TOKENS_A_CHUNK, Math.ceil(each / MOST_CHUNKS));
  const gapMs = markers.gapMs ?? plan.writingMs / Math.max(1, Math.ceil(each / step));
  outgoing.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
  outgoing.write(shape.begin());
  let sent = 0;
  for (let from = 0; from < each; from += step) {
    const made = plan.tokens.reasoning + from * choices;
    if (sent === markers.cutAfterChunks) {
      call.bill(made, false);
      outgoing.destroy();
      return;
    }
    if (!(await waited(gapMs, gone))) {
      call.bill(made, false);
      return;
    }
    if (tool === undefined) outgoing.write(shape.part(answerWords(from, Math.min(step, each - from))));
    else if (from === 0) outgoing.write(shape.tool(tool.name, tool.input));
    sent += 1;
  }
  call.bill(plan.tokens.output, true);
  outgoing.end(shape.end());
}
