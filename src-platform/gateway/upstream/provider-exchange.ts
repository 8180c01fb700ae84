import type { AnswerHead, AnswerListener } from './answer-parser.ts';
import { AnswerTooLarge } from './answer-too-large.ts';

export interface ProviderRequest {
  /** "/v1/chat/completions" */
  readonly path: string;
  /** Beside host, connection and length. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Bytes of the body in UTF-8. */
  readonly bodyBytes: number;
}

/** A call on its way. */
export interface ProviderCall {
  /** Resolves with the head of the answer. Rejects with a {@link ProviderBroke}. */
  readonly answered: Promise<ProviderAnswer>;
  /** Gives up: whatever is awaited of it rejects. */
  abort(reason: Error): void;
  /** Gives up if nothing of it was sent yet; else it goes on. */
  abortUnsent(reason: Error): void;
}

/** An answer whose head came. Its body is read once, in one of two ways; both reject with a {@link ProviderBroke} when it breaks off. */
export interface ProviderAnswer extends AnswerHead {
  whole(): Promise<Buffer>;
  /** Resolves at its end; rejects when `onData` throws. */
  each(onData: (bytes: Buffer) => void): Promise<void>;
  /** No more pieces until `resume`. */
  pause(): void;
  resume(): void;
}

/** The provider was not reached, or broke off. */
export class ProviderBroke extends Error {
  override readonly name = 'ProviderBroke';
  /** False: it is certain that the call never left. */
  readonly sent: boolean;
  constructor(cause: Error, sent: boolean) {
    super(cause.message, { cause });
    this.sent = sent;
  }
}

/** What an exchange may ask of the connection that carries it. */
export interface Carrier {
  /** The call was handed to a connection that stands. */
  readonly connected: boolean;
  destroy(): void;
  pause(): void;
  resume(): void;
}

/** What a piece takes of memory beside its bytes, at most. */
const PIECE_BYTES = 128;
const FORBIDDEN_IN_HEADERS = /[^\t\x20-\x7e\x80-\xff]/;
const NO_HEAD: AnswerHead = { statusCode: 0, contentType: '', retryAfter: undefined };

/** One call and its answer. */
export class ProviderExchange implements ProviderCall, ProviderAnswer, AnswerListener {
  readonly answered: Promise<ProviderAnswer>;
  readonly head: string;
  readonly body: string;
  /** The body has nothing but ASCII: it can be written with the head in one piece. */
  readonly ascii: boolean;
  carrier: Carrier | undefined;
  #answerHead = NO_HEAD;
  #answer: PromiseWithResolvers<ProviderAnswer>;
  #body: PromiseWithResolvers<void> | undefined;
  #pieces: Buffer[] = [];
  #keptBytes = 0;
  readonly #mostBytes: number;
  #onData: ((bytes: Buffer) => void) | undefined;
  #ended = false;
  #failure: ProviderBroke | undefined;
  #quietSeconds = 0;
  #paused = false;

  /**
   * `host`: as the provider is named to itself; `mostBytes`: of the answer, where it is read whole.
   * @throws TypeError when a header holds what no header may
   */
  constructor({ path, headers, body, bodyBytes }: ProviderRequest, host: string, mostBytes: number) {
    this.#mostBytes = mostBytes;
    let head = `POST ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\n`;
    for (const name in headers) {
      const value = headers[name] ?? '';
      if (FORBIDDEN_IN_HEADERS.test(value)) throw new TypeError(`The header ${name} holds a sign that no header may.`);
      head += `${name}: ${value}\r\n`;
    }
    this.head = `${head}content-length: ${bodyBytes}\r\n\r\n`;
    this.body = body;
    this.ascii = bodyBytes === body.length;
    this.#answer = Promise.withResolvers<ProviderAnswer>();
    this.answered = this.#answer.promise;
  }

  get statusCode(): number {
    return this.#answerHead.statusCode;
  }
  get contentType(): string {
    return this.#answerHead.contentType;
  }
  get retryAfter(): string | undefined {
    return this.#answerHead.retryAfter;
  }
  get headCame(): boolean {
    return this.#answerHead !== NO_HEAD;
  }
  get over(): boolean {
    return this.#ended || this.#failure !== undefined;
  }

  /** Called once a second: for how many seconds nothing came. A pause of ours is no silence of the provider's. */
  quietSeconds(): number {
    this.#quietSeconds = this.#paused ? 0 : this.#quietSeconds + 1;
    return this.#quietSeconds;
  }

  onHead(head: AnswerHead): void {
    this.#answerHead = head;
    this.#quietSeconds = 0;
    this.#answer.resolve(this);
  }

  onData(bytes: Buffer): void {
    this.#quietSeconds = 0;
    if (this.#onData !== undefined) return this.#onData(bytes);
    this.#keptBytes += bytes.length + PIECE_BYTES;
    if (this.#keptBytes <= this.#mostBytes) this.#pieces.push(bytes);
    else this.#giveUp(new AnswerTooLarge(this.#mostBytes));
  }

  onEnd(): void {
    this.#ended = true;
    this.carrier = undefined;
    this.#body?.resolve();
  }

  fail(cause: Error, sent: boolean): void {
    if (this.over) return;
    this.#failure = new ProviderBroke(cause, sent);
    this.carrier = undefined;
    if (this.headCame) this.#body?.reject(this.#failure);
    else this.#answer.reject(this.#failure);
  }

  abort(reason: Error): void {
    const { carrier } = this;
    this.fail(reason, carrier?.connected === true);
    carrier?.destroy();
  }

  abortUnsent(reason: Error): void {
    if (this.carrier?.connected !== true) this.abort(reason);
  }

  async whole(): Promise<Buffer> {
    await this.#end();
    const [first] = this.#pieces;
    return this.#pieces.length === 1 && first !== undefined ? first : Buffer.concat(this.#pieces);
  }

  each(onData: (bytes: Buffer) => void): Promise<void> {
    this.#onData = onData;
    try {
      for (const piece of this.#pieces.splice(0)) onData(piece);
    } catch (error) {
      this.#giveUp(error instanceof Error ? error : new Error('The answer could not be read.'));
    }
    return this.#end();
  }

  pause(): void {
    this.#paused = true;
    this.carrier?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#quietSeconds = 0;
    this.carrier?.resume();
  }

  /** The rest of the answer is of no use. */
  #giveUp(reason: Error): void {
    this.#pieces = [];
    this.abort(reason);
  }

  #end(): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#ended) return Promise.resolve();
    this.#body ??= Promise.withResolvers<void>();
    return this.#body.promise;
  }
}
