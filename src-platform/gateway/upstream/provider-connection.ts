import type { OnReadOpts, Socket } from 'node:net';
import { AnswerParser, BadAnswer } from './answer-parser.ts';
import type { Carrier, ProviderExchange } from './provider-exchange.ts';

export interface ConnectionListener {
  /** It can carry the next call. `keptForMs`: for how long the provider says it keeps it. */
  onFree(connection: ProviderConnection, keptForMs: number | undefined): void;
  /** It is gone; what it carried has been told. */
  onClosed(connection: ProviderConnection): void;
}

/** Reads go into one buffer a connection and are copied out: cheaper than a new one a read. */
const READ_BYTES = 16 * 1024;

/** One connection to a provider: carries a call, reads its answer, and then the next. */
export class ProviderConnection implements Carrier {
  readonly #socket: Socket;
  readonly #listener: ConnectionListener;
  readonly #parser: AnswerParser;
  #carried: ProviderExchange | undefined;
  #connected = false;
  #failure: Error | undefined;
  /** Monotonic milliseconds. */
  idleUntil = 0;

  constructor(
    open: (onread: OnReadOpts) => Socket,
    readyEvent: 'connect' | 'secureConnect',
    connectTimeoutMs: number,
    listener: ConnectionListener,
  ) {
    this.#listener = listener;
    this.#parser = new AnswerParser({
      onHead: (head) => this.#carried?.onHead(head),
      onData: (bytes) => this.#carried?.onData(bytes),
      onEnd: () => this.#answerEnded(),
    });
    const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
    const socket = open({
      buffer,
      callback: (count) => {
        this.#read(buffer.subarray(0, count));
        return true;
      },
    });
    this.#socket = socket;
    const timer = setTimeout(() => {
      this.#failure ??= new Error('The provider could not be connected to in time.');
      socket.destroy();
    }, connectTimeoutMs);
    socket.once(readyEvent, () => {
      clearTimeout(timer);
      this.#connected = true;
      if (this.#carried !== undefined) this.#write(this.#carried);
    });
    socket.on('error', (error) => {
      this.#failure ??= error;
    });
    socket.on('end', () => {
      this.#peerEnded();
    });
    socket.once('close', () => {
      clearTimeout(timer);
      this.#carried?.fail(this.#failure ?? new Error('The provider closed the connection.'), this.#connected);
      this.#carried = undefined;
      this.#listener.onClosed(this);
    });
  }

  get connected(): boolean {
    return this.#connected;
  }
  get carried(): ProviderExchange | undefined {
    return this.#carried;
  }

  /** Nothing says that it is over. */
  get usable(): boolean {
    return !this.#socket.destroyed && this.#socket.writable && this.#socket.readable;
  }

  carry(exchange: ProviderExchange): void {
    // Given up on while it waited for a connection.
    if (exchange.over) return this.#listener.onFree(this, undefined);
    this.#carried = exchange;
    exchange.carrier = this;
    if (this.#connected) this.#write(exchange);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #write({ head, body, ascii }: ProviderExchange): void {
    if (ascii) {
      this.#socket.write(head + body, 'latin1');
      return;
    }
    this.#socket.cork();
    this.#socket.write(head, 'latin1');
    this.#socket.write(body, 'utf8');
    this.#socket.uncork();
  }

  #read(bytes: Buffer): void {
    if (this.#carried === undefined) return this.destroy();
    try {
      this.#parser.push(bytes);
    } catch (error) {
      this.#broke(error);
    }
  }

  #peerEnded(): void {
    if (this.#carried === undefined) return this.destroy();
    try {
      this.#parser.end();
    } catch (error) {
      this.#broke(error);
    }
  }

  #broke(error: unknown): void {
    this.#failure ??= error instanceof BadAnswer ? error : new Error('The answer could not be read.', { cause: error });
    this.destroy();
  }

  #answerEnded(): void {
    const exchange = this.#carried;
    this.#carried = undefined;
    const { reusable, keptForMs } = this.#parser;
    // An answer that came before the whole call was written: the rest of it would be taken for the next.
    const usable = reusable && this.usable && this.#socket.writableLength === 0;
    this.#parser.restart();
    exchange?.onEnd();
    // Its last piece may have held it back for a slow reader, who is not the next call's.
    if (this.#socket.isPaused()) this.#socket.resume();
    if (usable) this.#listener.onFree(this, keptForMs);
    else this.destroy();
  }
}
