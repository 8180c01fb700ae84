import net from 'node:net';
import tls from 'node:tls';
import { ProviderConnection } from './provider-connection.ts';
import { ProviderExchange, type ProviderCall, type ProviderRequest } from './provider-exchange.ts';

/** Kept connections to one provider. A connection carries one call at a time. */
export interface ProviderLine {
  send(request: ProviderRequest): ProviderCall;
  /** Takes no more calls; connections end with the calls they carry. */
  retire(): void;
  /** Ends everything at once. */
  destroy(): void;
}

export interface ProviderLineOptions {
  readonly mostConnections: number;
  readonly connectTimeoutMs: number;
  /** Until the head of an answer, and between two pieces of its body. */
  readonly headTimeoutMs: number;
  readonly bodyTimeoutMs: number;
  /** For how long an unused connection is kept where the provider does not say. */
  readonly keepMs: number;
  /** Of an answer that is read whole, at most. */
  readonly largestAnswerBytes: number;
  readonly monotonic: () => number;
}

const SWEEP_EVERY_MS = 1_000;
/** A connection is given up so long before the provider would, who might close it just when a call is sent. */
const KEEP_MARGIN_MS = 1_000;
const KEEP_MOST_MS = 600_000;

/** `origin`: "https://api.example.com" */
export function createProviderLine(origin: URL, options: ProviderLineOptions): ProviderLine {
  const secure = origin.protocol === 'https:';
  const host = origin.hostname.replace(/^\[|\]$/g, '');
  const port = Number(origin.port || (secure ? 443 : 80));
  const connections = new Set<ProviderConnection>();
  /** The one used last is used next, so that those too many grow old. */
  const idle: ProviderConnection[] = [];
  const waiting: ProviderExchange[] = [];
  let retired = false;
  let session: Buffer | undefined;

  function connect(): ProviderConnection {
    const connection = new ProviderConnection(
      (onread) => {
        if (!secure) return net.connect({ host, port, noDelay: true, onread });
        const named = net.isIP(host) === 0 ? { servername: host } : {};
        const secureOptions = { host, port, ...named, ALPNProtocols: ['http/1.1'], session, onread };
        const socket = tls.connect(secureOptions);
        socket.setNoDelay(true);
        socket.on('session', (ticket: Buffer) => {
          session = ticket;
        });
        return socket;
      },
      secure ? 'secureConnect' : 'connect',
      options.connectTimeoutMs,
      { onFree, onClosed },
    );
    connections.add(connection);
    return connection;
  }

  function onFree(connection: ProviderConnection, keptForMs: number | undefined): void {
    const next = waiting.shift();
    if (next !== undefined) return connection.carry(next);
    const keepMs = keptForMs === undefined ? options.keepMs : Math.min(keptForMs - KEEP_MARGIN_MS, KEEP_MOST_MS);
    if (retired || keepMs <= 0) return connection.destroy();
    connection.idleUntil = options.monotonic() + keepMs;
    idle.push(connection);
  }

  function onClosed(connection: ProviderConnection): void {
    connections.delete(connection);
    const at = idle.indexOf(connection);
    if (at !== -1) idle.splice(at, 1);
    const next = waiting.shift();
    if (next !== undefined) connect().carry(next);
    if (connections.size === 0) stopSweeping();
  }

  function takeIdle(): ProviderConnection | undefined {
    const now = options.monotonic();
    for (let found = idle.pop(); found !== undefined; found = idle.pop()) {
      if (found.usable && found.idleUntil > now) return found;
      found.destroy();
    }
    return undefined;
  }

  let sweeping: NodeJS.Timeout | undefined;
  function sweep(): void {
    const now = options.monotonic();
    // What is destroyed leaves the lists later.
    for (const connection of idle) if (connection.idleUntil <= now) connection.destroy();
    for (const { carried } of connections) {
      if (carried === undefined) continue;
      const quietMs = carried.quietSeconds() * SWEEP_EVERY_MS;
      if (quietMs >= (carried.headCame ? options.bodyTimeoutMs : options.headTimeoutMs)) {
        carried.abort(new Error('The provider was silent for too long.'));
      }
    }
  }
  function stopSweeping(): void {
    clearInterval(sweeping);
    sweeping = undefined;
  }

  return {
    send: (request) => {
      const exchange = new ProviderExchange(request, origin.host, options.largestAnswerBytes);
      sweeping ??= setInterval(sweep, SWEEP_EVERY_MS).unref();
      const connection = takeIdle();
      if (connection !== undefined) connection.carry(exchange);
      else if (connections.size < options.mostConnections) connect().carry(exchange);
      else waiting.push(exchange);
      return exchange;
    },
    retire: () => {
      retired = true;
      for (const connection of idle) connection.destroy();
    },
    destroy: () => {
      retired = true;
      for (const exchange of waiting.splice(0)) exchange.fail(new Error('The gateway is stopping.'), false);
      for (const connection of connections) connection.destroy();
      stopSweeping();
    },
  };
}
