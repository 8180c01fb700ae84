/**
 * In Electron the window talks over a MessagePort, which main hands out when it is asked. This puts the port behind the few
 * members of a WebSocket that `connect` uses, so that dialling, losing the line and dialling again are written once.
 */

/** What Electron's preload gives the page; absent in a browser. */
export interface ElectronBridge {
  /** The port comes as a message of this window, named as below, with the port in its `ports`. */
  askForPort(): void;
}

/** The part of a WebSocket that a line needs. */
export type Socket = Pick<
  WebSocket,
  'addEventListener' | 'removeEventListener' | 'send' | 'close' | 'readyState' | 'binaryType'
>;

const PORT_MESSAGE = 'tenantdesk:port';

/** The bridge, when this window is Electron's. */
export function electronBridge(page: object): ElectronBridge | undefined {
  if (!('tenantdesk' in page) || typeof page.tenantdesk !== 'object' || page.tenantdesk === null) return undefined;
  return 'askForPort' in page.tenantdesk ? (page.tenantdesk as ElectronBridge) : undefined;
}

/** Asks for a port; the socket opens when it is there, and closes when main closes it. */
export function openElectronSocket(bridge: ElectronBridge, page: EventTarget): Socket {
  const socket = new PortSocket();
  const take = (event: Event): void => {
    if (!(event instanceof MessageEvent) || event.source !== page || event.data !== PORT_MESSAGE) return;
    const [port] = event.ports;
    if (!port) return;
    page.removeEventListener('message', take);
    socket.take(port);
  };
  page.addEventListener('message', take);
  bridge.askForPort();
  return socket;
}

class PortSocket extends EventTarget {
  binaryType: BinaryType = 'arraybuffer';
  readyState: WebSocket['readyState'] = WebSocket.CONNECTING;
  #port: MessagePort | undefined;

  take(port: MessagePort): void {
    this.#port = port;
    this.readyState = WebSocket.OPEN;
    port.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      this.dispatchEvent(new MessageEvent('message', { data }));
    });
    port.addEventListener('close', () => this.#end());
    port.start();
    this.dispatchEvent(new Event('open'));
  }

  send(data: unknown): void {
    this.#port?.postMessage(data);
  }

  close(): void {
    this.#port?.close();
    this.#end();
  }

  #end(): void {
    if (this.readyState === WebSocket.CLOSED) return;
    this.readyState = WebSocket.CLOSED;
    this.dispatchEvent(new Event('close'));
  }
}
