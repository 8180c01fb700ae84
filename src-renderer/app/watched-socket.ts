import type { Socket } from './electron-port.ts';

/** A beat comes each second: so long without a word, and the line is dead, whatever its socket believes. */
const SILENT_MS = 4_000;

/**
 * A socket that gives up on a silent line: a network that swallows everything closes nothing. It counts from the dialling, so one
 * that never opens is given up as well. Whoever waits on it then hears "close" at once, not when the browser has waited too.
 */
export class WatchedSocket extends EventTarget implements Socket {
  readonly #socket: Socket;
  #over = false;
  #heardMs: number;
  readonly #timer: ReturnType<typeof setInterval>;

  /** `nowMs`: monotonic. */
  constructor(socket: Socket, nowMs: () => number) {
    super();
    this.#socket = socket;
    this.#heardMs = nowMs();
    this.#timer = setInterval(() => {
      if (nowMs() - this.#heardMs > SILENT_MS) this.close();
    }, SILENT_MS / 8);
    socket.addEventListener('open', () => {
      if (this.#over) return;
      this.#heardMs = nowMs();
      this.dispatchEvent(new Event('open'));
    });
    socket.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      if (this.#over) return;
      this.#heardMs = nowMs();
      this.dispatchEvent(new MessageEvent('message', { data }));
    });
    socket.addEventListener('close', () => this.close());
  }

  get binaryType(): BinaryType {
    return this.#socket.binaryType;
  }

  set binaryType(type: BinaryType) {
    this.#socket.binaryType = type;
  }

  get readyState(): Socket['readyState'] {
    return this.#over ? WebSocket.CLOSED : this.#socket.readyState;
  }

  send(data: Parameters<WebSocket['send']>[0]): void {
    this.#socket.send(data);
  }

  close(): void {
    if (this.#over) return;
    this.#over = true;
    clearInterval(this.#timer);
    this.#socket.close();
    this.dispatchEvent(new Event('close'));
  }
}
