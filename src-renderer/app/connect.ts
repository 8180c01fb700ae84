import { createORPCClient } from '@orpc/client';
import { ClientRetryPlugin, type ClientRetryPluginContext } from '@orpc/client/plugins';
import { StandardRPCLink, type StandardLinkClient } from '@orpc/client/standard';
import { LinkWebsocketClient } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import type { Contract } from '../../src-main/contract/contract.ts';
import { ConnectionLost } from '../ui/connection-lost.ts';
import { createLiveValue, type LiveValue } from '../ui/live-value.ts';
import type { Socket } from './electron-port.ts';
import { WatchedSocket } from './watched-socket.ts';

export interface CallContext extends ClientRetryPluginContext {
  /** A stream of state: asked for again when the line is lost. Calls that change something never are. */
  live?: boolean;
}

export type ConsoleClient = ContractRouterClient<Contract, CallContext>;

/** How the window stands to its console. `since`: this machine's clock. */
export interface LineState {
  state: 'connecting' | 'open' | 'lost';
  since: Date;
}

export interface Connection {
  client: ConsoleClient;
  line: LiveValue<LineState>;
}

export interface ConnectOptions {
  url: string;
  /** Opens the line another way: Electron's window has a MessagePort behind the same members. */
  openSocket?: ((url: string) => Socket) | undefined;
  now?: () => Date;
  /** Monotonic, in ms. */
  nowMs?: () => number;
}

interface Line {
  socket: Socket;
  caller: LinkWebsocketClient<CallContext>;
}

const LONGEST_PAUSE_MS = 3_000;

/**
 * The window's side of the contract over one WebSocket. The socket is dialled by the first call that needs it and by the
 * next one after it was lost or fell silent; open calls then end with `ConnectionLost`, and live streams are asked for again.
 * In Electron the line is a MessagePort (`electron-port.ts`).
 */
export function connect({
  url,
  openSocket = (to) => new WebSocket(to),
  now = () => new Date(),
  nowMs = () => performance.now(),
}: ConnectOptions): Connection {
  const line = createLiveValue<LineState>({ state: 'connecting', since: now() });
  let current: Line | undefined;

  function dial(): Line {
    const socket = new WatchedSocket(openSocket(url), nowMs);
    socket.binaryType = 'arraybuffer';
    // With the first word, not with the handshake: a line may open and stay mute.
    socket.addEventListener('message', () => line.set({ state: 'open', since: now() }), { once: true });
    socket.addEventListener('close', () => {
      if (current?.socket === socket) current = undefined;
      if (line.get().state !== 'lost') line.set({ state: 'lost', since: now() });
    });
    return { socket, caller: new LinkWebsocketClient<CallContext>({ websocket: socket }) };
  }

  const redialling: StandardLinkClient<CallContext> = {
    async call(request, options, path, input) {
      current ??= dial();
      const used = current;
      try {
        return await used.caller.call(request, options, path, input);
      } catch (error) {
        // A closed line ends its calls like an abort; tell it apart from an abort that the caller wanted.
        if (request.signal?.aborted !== true && used.socket.readyState > WebSocket.OPEN) throw new ConnectionLost();
        throw error;
      }
    },
  };

  const link = new StandardRPCLink<CallContext>(redialling, {
    url: 'http://orpc',
    plugins: [
      new ClientRetryPlugin<CallContext>({
        default: {
          retry: ({ context }) => (isLive(context) ? Number.POSITIVE_INFINITY : 0),
          shouldRetry: ({ signal }) => signal?.aborted !== true,
          retryDelay: ({ attemptIndex }) => Math.min(LONGEST_PAUSE_MS, 300 * 1.3 ** Math.min(attemptIndex, 12)),
        },
      }),
    ],
  });

  return { client: createORPCClient<ConsoleClient>(link), line };
}

function isLive(context: ClientRetryPluginContext): boolean {
  return 'live' in context && context.live === true;
}
