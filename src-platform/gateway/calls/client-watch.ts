import type { ServerResponse } from 'node:http';

/** Notices a client that leaves before its answer is complete; tells some time after that that nobody waits any more. */
export class ClientWatch {
  readonly #raw: ServerResponse;
  readonly #patienceMs: number;
  #gone = false;
  #onLeft: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #onPatienceOver: (() => void) | undefined;
  #patienceOver = false;

  constructor(raw: ServerResponse, patienceMs: number) {
    this.#raw = raw;
    this.#patienceMs = patienceMs;
    // The connection is known to be over a little before the answer is.
    if (raw.destroyed || raw.req.socket.destroyed) this.#left();
    else raw.on('close', this.#onClose);
  }

  get gone(): boolean {
    return this.#gone;
  }

  /** At once when it left already. */
  onLeft(listener: () => void): void {
    this.#onLeft = listener;
    if (this.#gone) listener();
  }

  /** At once when it is over already. */
  onPatienceOver(listener: () => void): void {
    this.#onPatienceOver = listener;
    if (this.#patienceOver) listener();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#raw.off('close', this.#onClose);
  }

  readonly #onClose = (): void => {
    if (!this.#raw.writableFinished) this.#left();
  };

  #left(): void {
    this.#gone = true;
    this.#timer = setTimeout(() => {
      this.#patienceOver = true;
      this.#onPatienceOver?.();
    }, this.#patienceMs);
    this.#onLeft?.();
  }
}
