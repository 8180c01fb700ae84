/** Chromium's debugging protocol over its WebSocket: one connection for the browser and all its pages (flat sessions). */
export interface Cdp {
  send<Result = object>(method: string, params?: object, sessionId?: string): Promise<Result>;
  /** Hears an event of the browser (no session) or of a page. */
  on(method: string, sessionId: string | undefined, listener: (params: never) => void): void;
  close(): void;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly sessionId?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** Resolves when the connection is open. */
export async function connectCdp(address: string): Promise<Cdp> {
  const socket = new WebSocket(address);
  const waiting = new Map<number, { method: string; call: PromiseWithResolvers<unknown> }>();
  const listeners: { method: string; sessionId: string | undefined; listener: (params: never) => void }[] = [];
  let lastId = 0;
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(String(data)) as Message;
    if (message.id === undefined) {
      for (const { method, sessionId, listener } of listeners) {
        if (method === message.method && sessionId === message.sessionId) listener(message.params as never);
      }
      return;
    }
    const found = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.error) found?.call.reject(new Error(`${found.method}: ${message.error.message}`));
    else found?.call.resolve(message.result);
  });
  socket.addEventListener('close', () => {
    for (const { method, call } of waiting.values()) call.reject(new Error(`${method}: Chromium closed.`));
    waiting.clear();
  });
  const open = Promise.withResolvers<void>();
  socket.addEventListener('open', () => open.resolve());
  socket.addEventListener('error', () => open.reject(new Error('Chromium did not take the connection.')));
  await open.promise;
  return {
    send(method, params = {}, sessionId) {
      const id = ++lastId;
      const call = Promise.withResolvers<unknown>();
      waiting.set(id, { method, call });
      if (socket.readyState !== WebSocket.OPEN) call.reject(new Error(`${method}: Chromium closed.`));
      else socket.send(JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) }));
      return call.promise as Promise<never>;
    },
    on: (method, sessionId, listener) => void listeners.push({ method, sessionId, listener }),
    close: () => socket.close(),
  };
}
