import type { IncomingHttpHeaders } from 'node:http';
import type { Markers } from './markers.ts';
import type { ProviderCall } from './provider-call.ts';

/** A wire format that the pretend provider speaks. */
export interface ProviderFormat {
  /** After `POST `, without `/v1`. */
  readonly path: string;
  /** @throws for what is no such request, with a message for whoever sent it */
  read(body: string): ProviderRequest;
  /** The credential that came, without what stands around it. */
  credential(headers: IncomingHttpHeaders): string;
  whole(call: ProviderCall, text: string): object;
  stream(call: ProviderCall): StreamShape;
  /** `type`: OpenAI's word for it. */
  error(status: number, type: string, message: string, code: string | null): object;
}

/** The events of one stream, as text. */
export interface StreamShape {
  begin(): string;
  part(text: string): string;
  /** The tool that the request wants to be called, whole. */
  tool(name: string, input: string): string;
  /** With the usage, unless it is to be kept secret. */
  end(): string;
}

/** A call reduced to what the pretend provider looks at, whatever its format. */
export interface ProviderRequest {
  readonly model: string;
  readonly stream: boolean;
  /** A stream reports its usage. */
  readonly includeUsage: boolean;
  /** Most tokens an answer may have; undefined: the model's own limit. */
  readonly maxTokens: number | undefined;
  readonly choices: number;
  /** It makes no text: an embedding. */
  readonly silent: boolean;
  /** Prompt tokens in texts, messages and images. */
  readonly promptTokens: number;
  /** The beginning of the prompt: equal beginnings are what providers cache. */
  readonly promptBeginning: string;
  readonly markers: Markers;
  /** The answer is to be a call of this tool, because the last message asks for it and the request has it. */
  readonly tool: { readonly name: string; readonly input: string } | undefined;
  /** Runs when there is time, at batch rates. */
  readonly flex: boolean;
  /** What an embedding was asked of. */
  readonly inputs: number;
  readonly dimensions: number;
  readonly base64: boolean;
}

/** One message of a conversation, as any format has it. */
export interface ProviderMessage {
  readonly role: string;
  /** What stands in it, tool results too. */
  readonly text: string;
  readonly images: number;
}

const BYTES_PER_TOKEN = 4;
const TOKENS_PER_MESSAGE = 4;
const TOKENS_PER_IMAGE = 1_000;
const CACHE_BEGINNING = 4_096;

/**
 * What follows from the messages. Prompt tokens are a quarter of the text's bytes, four a message and a thousand an image: near what
 * tokenizers say for prose, and never above the bytes of the body (a message's JSON alone is longer than four bytes).
 */
export function readPrompt(
  messages: readonly ProviderMessage[],
  readMarkers: (text: string) => Markers,
  tools: readonly string[],
): Pick<ProviderRequest, 'promptTokens' | 'promptBeginning' | 'markers' | 'tool'> {
  const asked = messages.findLast(({ role }) => role === 'user')?.text ?? '';
  const markers = readMarkers(asked);
  const wished = messages.at(-1)?.role === 'user' ? markers.callTool : undefined;
  return {
    promptTokens: messages.reduce((sum, message) => sum + tokensOf(message), 0),
    promptBeginning: messages
      .map(({ text }) => text)
      .join('\n')
      .slice(0, CACHE_BEGINNING),
    markers,
    tool: wished !== undefined && tools.includes(wished.name) ? wished : undefined,
  };
}

function tokensOf({ text, images }: ProviderMessage): number {
  return Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN) + TOKENS_PER_MESSAGE + images * TOKENS_PER_IMAGE;
}

/** Of calls that make text. */
export const NO_VECTORS = { silent: false, inputs: 0, dimensions: 0, base64: false } as const;

/** `Authorization: Bearer …` */
export function bearerOf({ authorization }: IncomingHttpHeaders): string {
  return /^Bearer (.*)$/.exec(authorization ?? '')?.[1] ?? '';
}

/** An event that has no name. */
export function event(data: unknown): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

/** An event named by its type. */
export function namedEvent(type: string, data: object = {}): string {
  return `event: ${type}\n${event({ type, ...data })}`;
}

/** An error as OpenAI's formats have it. */
export function openAiError(_status: number, type: string, message: string, code: string | null): object {
  return { error: { message, type, param: null, code } };
}
