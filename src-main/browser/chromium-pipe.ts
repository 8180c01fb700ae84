/**
 * Chromium's debugging protocol over the two pipes of `--remote-debugging-pipe`: JSON messages that end in NUL. Unlike a
 * debugging port nobody else on the machine can use it, and an address given over it stands in no process list.
 */
import type { Readable, Writable } from 'node:stream';
import { z } from 'zod';

export interface ChromiumPipe {
  /** One command to the browser, or to a page when `sessionId` is given; resolves to its raw result. */
  send(method: string, params?: object, sessionId?: string): Promise<unknown>;
  /** Hears an event of a page. @returns a function that ends it. */
  on(method: string, sessionId: string, listener: (params: unknown) => void): () => void;
  /** Attaches to the first page and resolves to its session id. */
  attachToPage(): Promise<string>;
}

const message = z.object({
  id: z.number().optional(),
  method: z.string().optional(),
  sessionId: z.string().optional(),
  params: z.unknown().optional(),
  result: z.unknown().optional(),
  error: z.object({ message: z.string() }).optional(),
});
const targets = z.object({ targetInfos: z.array(z.object({ targetId: z.string(), type: z.string() })) });
const attached = z.object({ sessionId: z.string() });

export function createChromiumPipe(toChromium: Writable, fromChromium: Readable): ChromiumPipe {
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  const listeners = new Set<{ method: string; sessionId: string; listener: (params: unknown) => void }>();
  let lastId = 0;
  let ended = false;
  let rest = '';
  const endAll = () => {
    ended = true;
    for (const { reject } of waiting.values()) reject(new Error('Chromium closed.'));
    waiting.clear();
  };
  const tell = ({ method, sessionId, params }: { method?: string; sessionId?: string; params?: unknown }) => {
    for (const one of listeners) if (one.method === method && one.sessionId === sessionId) one.listener(params);
  };
  fromChromium.setEncoding('utf8');
  fromChromium.on('data', (data: string) => {
    const parts = (rest + data).split('\0');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      const { id, result, error, ...event } = message.parse(JSON.parse(part));
      if (id === undefined) tell(event);
      const call = id === undefined ? undefined : waiting.get(id);
      if (id === undefined || !call) continue;
      waiting.delete(id);
      if (error) call.reject(new Error(error.message));
      else call.resolve(result);
    }
  });
  for (const stream of [toChromium, fromChromium]) stream.on('error', endAll).on('close', endAll);

  const send: ChromiumPipe['send'] = (method, params = {}, sessionId) => {
    if (ended) return Promise.reject(new Error('Chromium closed.'));
    const id = ++lastId;
    const call = Promise.withResolvers<unknown>();
    waiting.set(id, call);
    toChromium.write(`${JSON.stringify({ id, method, params, ...(sessionId ? { sessionId } : {}) })}\0`);
    return call.promise;
  };
  return {
    send,
    on(method, sessionId, listener) {
      const entry = { method, sessionId, listener };
      listeners.add(entry);
      return () => void listeners.delete(entry);
    },
    async attachToPage() {
      const { targetInfos } = targets.parse(await send('Target.getTargets'));
      const page = targetInfos.find((target) => target.type === 'page');
      const targetId =
        page?.targetId ??
        z.object({ targetId: z.string() }).parse(await send('Target.createTarget', { url: 'about:blank' })).targetId;
      return attached.parse(await send('Target.attachToTarget', { targetId, flatten: true })).sessionId;
    },
  };
}
