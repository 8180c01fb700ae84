import type { ServerResponse } from 'node:http';
import type { Refusal } from '../admission/refusal.ts';
import type { WireFormat } from './wire-format.ts';

const JSON_TYPE = 'application/json; charset=utf-8';
const REQUEST_ID = 'x-tenantdesk-request-id';

/** The answer to one call, without a framework: its headers are written once, as they stand in the list. */
export class CallReply {
  readonly raw: ServerResponse;
  readonly #format: Pick<WireFormat, 'errorBody'>;
  readonly #headers: string[];
  readonly #onRefusal: (refusal: Refusal) => void;

  /** `onRefusal`: counts it. */
  constructor(
    raw: ServerResponse,
    format: Pick<WireFormat, 'errorBody'>,
    requestId: string,
    onRefusal: (refusal: Refusal) => void,
  ) {
    this.raw = raw;
    this.#format = format;
    this.#onRefusal = onRefusal;
    this.#headers = [REQUEST_ID, requestId];
  }

  /** A header of the answer; not one that is there already. */
  header(name: string, value: string): void {
    this.#headers.push(name, value);
  }

  /** Answers whole. */
  send(status: number, contentType: string, body: string | Buffer): void {
    this.#headers.push('content-type', contentType, 'content-length', String(Buffer.byteLength(body)));
    this.raw.writeHead(status, this.#headers);
    this.raw.end(body);
  }

  /** The same with text of ASCII alone, which goes out in one piece with its head. */
  sendAscii(status: number, contentType: string, body: string): void {
    this.#headers.push('content-type', contentType, 'content-length', String(body.length));
    this.raw.writeHead(status, this.#headers);
    this.raw.end(body, 'latin1');
  }

  /** Answers in the format's error shape. */
  refuse(refusal: Refusal): void {
    this.#onRefusal(refusal);
    for (const [name, value] of Object.entries(refusal.headers ?? {})) this.header(name, value);
    this.send(refusal.status, JSON_TYPE, this.#format.errorBody(refusal));
  }

  /** Begins an answer that comes in pieces; they are written to `raw`. */
  begin(status: number, contentType: string): void {
    this.#headers.push('content-type', contentType, 'cache-control', 'no-cache');
    this.raw.writeHead(status, this.#headers);
  }
}
