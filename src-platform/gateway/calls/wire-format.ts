import type { IncomingHttpHeaders } from 'node:http';
import type { Refusal } from '../admission/refusal.ts';
import type { Usage } from '../pricing/price.ts';

/** What a call does, in the words of OpenTelemetry's conventions (`gen_ai.operation.name`). */
export type Operation = 'chat' | 'embeddings';

/** A family of wire formats that providers speak together. */
export type Dialect = 'openai' | 'anthropic';

/**
 * Everything in which one wire format differs from the others. Each is a folder in `formats/` and a line in `formats/formats.ts`; nothing
 * else knows its fields.
 */
export interface WireFormat {
  /** Providers say which of these they speak. */
  readonly dialect: Dialect;
  readonly operation: Operation;
  /** Where tenants post it: "/v1/chat/completions". */
  readonly path: string;
  /** Where a provider takes it. `basePath`: of the provider's base URL, without a slash at its end. */
  providerPath(basePath: string): string;
  /** The headers that go to the provider beside those of every call: its credential, and what may pass of the client's own. */
  providerHeaders(credential: string, client: IncomingHttpHeaders): Record<string, string>;
  /** `text`: the body as it came. @throws BadCall */
  read(text: string, headers: IncomingHttpHeaders): WireCall;
  /** Of a whole answer that did not stream; undefined: it reports none. An explicit zero is zero. */
  usageOfAnswer(text: string): Usage | undefined;
  /** A refusal in this format's error shape, the facts beside it: official SDKs raise their ordinary class from it. JSON. */
  errorBody(refusal: Refusal): string;
}

/** One call of a wire format, as far as bounding, sending and metering it need to know. */
export interface WireCall {
  readonly model: string;
  readonly stream: boolean;
  /** Output tokens of each answer as the client limits them; null: no limit given. */
  readonly outputLimit: number | null;
  /** How many answers are asked for. */
  readonly choices: number;
  /** Below this output limit the provider would refuse the call. */
  readonly leastOutputLimit: number;
  /** The client's own name of a workflow, where the format has a place for it. */
  readonly workflowSlug: string | undefined;
  /** Likewise what its header would say: the session it belongs to, and how many units of work it does, not checked yet. */
  readonly session: string | undefined;
  readonly units: string | undefined;
  /** Bytes of the body that are no text: the data of images. */
  readonly imageBytes: number;
  /** Tokens that no byte of the body stands for, at most: images, and what the provider puts around tools. */
  readonly addedTokens: number;
  /** The body to forward: the client's, but for the output limit that policy sets (null: none) and what metering needs. */
  body(setOutputLimit: number | null): string;
  /** The call may have its prompt cached for an hour, at that rate. `body`: as it is forwarded. */
  cachesForAnHour(body: string): boolean;
  /** Reads the events of this call's stream. */
  streamReader(): StreamReader;
}

/** What becomes of an event: it goes on, it was for the gateway alone, or it says that the answer is complete. */
export type EventFate = 'pass' | 'drop' | 'end';

/** Reads a provider's stream on the side. */
export interface StreamReader {
  /** `event`: a whole server-sent event with its blank line. */
  read(event: Buffer): EventFate;
  /** What the provider billed; undefined: it has not said everything that is needed, or never will. */
  readonly usage: Usage | undefined;
}

/** The body is no call of its format, or its cost can't be bounded. Message for the tenant's developer. */
export class BadCall extends Error {
  override readonly name = 'BadCall';
  readonly code: 'invalid_request' | 'invalid_json' | 'unbounded_request';
  readonly parameter: string | null;
  constructor(message: string, code: BadCall['code'] = 'invalid_request', parameter: string | null = null) {
    super(message);
    this.code = code;
    this.parameter = parameter;
  }
}
