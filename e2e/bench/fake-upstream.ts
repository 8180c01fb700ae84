/**
 * A provider that answers at once and always the same, in OpenAI's format; a stream has 40 chunks, as far apart as the call's
 * text says (`[gap 10]`, in ms). Each chunk's text is the monotonic clock in microseconds when it was sent, so that a reader on this machine knows how
 * long it was on its way.
 */
import { createServer, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { ANSWER, STREAM_CHUNKS, STREAM_USAGE, streamChunk } from './frame/answers.ts';

const micros = (): string => String(process.hrtime.bigint() / 1000n);

async function stream(outgoing: ServerResponse, body: string): Promise<void> {
  outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
  const gapMs = Number(/\[gap (\d+)\]/.exec(body)?.[1] ?? 10);
  const begun = performance.now();
  for (let index = 0; index < STREAM_CHUNKS && !outgoing.destroyed; index += 1) {
    outgoing.write(streamChunk(`${micros()} `));
    const wait = begun + (index + 1) * gapMs - performance.now();
    if (wait > 0) await delay(wait);
  }
  outgoing.write(streamChunk('', 'stop'));
  if (body.includes('include_usage')) outgoing.write(STREAM_USAGE);
  outgoing.end('data: [DONE]\n\n');
}

const server = createServer((incoming, outgoing) => {
  const parts: Buffer[] = [];
  incoming.on('data', (part: Buffer) => void parts.push(part));
  incoming.on('end', () => {
    const body = Buffer.concat(parts).toString('latin1');
    if (/"stream"\s*:\s*true/.test(body)) void stream(outgoing, body);
    else outgoing.writeHead(200, { 'content-type': 'application/json', 'content-length': ANSWER.length }).end(ANSWER);
  });
});
server.keepAliveTimeout = 120_000;
server.listen(0, '127.0.0.1', 2048, () => {
  const address = server.address();
  process.stdout.write(`ready ${typeof address === 'object' ? address?.port : ''}\n`);
});
process.once('SIGTERM', () => process.exit(0));
