import { BadCall, type WireCall } from '../../calls/wire-format.ts';
import {
  booleanIn,
  field,
  integerIn,
  isRecord,
  modelIn,
  MOST_OUTPUT_TOKENS,
  parseBody,
  metadataIn,
} from '../../calls/json-fields.ts';
import { cachesForAnHour } from '../hour-caching.ts';
import { checkTier, checkTools, dataUrlBytes, FOREIGN_ROUTING, imageTokens } from '../openai/openai-bounds.ts';
import { refuseFields, unbounded, type UnboundedFields } from '../unbounded.ts';
import { createChatStreamReader } from './chat-stream.ts';

const LIMIT_FIELDS = ['max_tokens', 'max_completion_tokens'] as const;
const MOST_CHOICES = 128;

const UNBOUNDED: UnboundedFields = {
  ...FOREIGN_ROUTING,
  audio: 'this gateway takes text and images.',
  prediction: 'what is predicted wrongly is billed besides the answer; leave it out.',
  web_search_options: 'the provider bills its searches besides the tokens; search in a tool of your own.',
};
const ONLY_TEXT_AND_IMAGES = 'take parts of the type text or image_url; sound and files have no price here.';
const TEXT_PARTS = new Set<unknown>(['text', 'refusal']);
const TEXT_PART_FIELDS = new Set(['type', 'text', 'refusal', 'cache_control']);
const IMAGE_PART_FIELDS = new Set(['type', 'image_url', 'cache_control']);

/** Parsed once: what is forwarded is written anew from it, so that provider and gateway can't read it differently. @throws BadCall */
export function readChatCall(text: string): WireCall {
  const body = parseBody(text);
  const model = modelIn(body);
  const images = { count: 0, bytes: 0 };
  checkMessages(body['messages'], images);
  checkBounded(body);
  const stream = booleanIn(body, 'stream');
  const clientWantsUsage = wantsUsage(body);
  const limit = outputLimit(body);
  return {
    model,
    stream,
    outputLimit: limit,
    choices: integerIn(body, 'n', MOST_CHOICES) ?? 1,
    leastOutputLimit: 1,
    ...metadataIn(body),
    imageBytes: images.bytes,
    addedTokens: images.count === 0 ? 0 : images.count * imageTokens(model),
    body: (setOutputLimit) => writeBody(body, limit === null, setOutputLimit, stream && !clientWantsUsage),
    cachesForAnHour,
    streamReader: () => createChatStreamReader(clientWantsUsage),
  };
}

/** A lower limit of the client's stays. */
function writeBody(
  body: Record<string, unknown>,
  unlimited: boolean,
  setOutputLimit: number | null,
  askForUsage: boolean,
): string {
  const changes: Record<string, unknown> = {};
  if (setOutputLimit !== null) {
    if (unlimited) changes['max_completion_tokens'] = setOutputLimit;
    for (const name of LIMIT_FIELDS) {
      const given = body[name];
      if (typeof given === 'number') changes[name] = Math.min(given, setOutputLimit);
    }
  }
  if (askForUsage) {
    const options = body['stream_options'];
    changes['stream_options'] = { ...(isRecord(options) ? options : {}), include_usage: true };
  }
  return JSON.stringify({ ...body, ...changes });
}

/** What images a call has. */
interface Images {
  count: number;
  /** Of the data that stands in the body. */
  bytes: number;
}

function checkMessages(messages: unknown, images: Images): void {
  if (!Array.isArray(messages) || messages.length === 0) {
    throw new BadCall("'messages' must be a list with at least one message.", 'invalid_request', 'messages');
  }
  for (let index = 0; index < messages.length; index += 1) checkMessage(messages[index], index, images);
}

function checkMessage(message: unknown, index: number, images: Images): void {
  const where = (): string => `messages[${index}]`;
  if (!isRecord(message)) throw new BadCall(`'${where()}' must be an object.`, 'invalid_request', where());
  if (typeof message['role'] !== 'string') {
    throw new BadCall(`'${where()}.role' must be a string.`, 'invalid_request', where());
  }
  const { content } = message;
  if (message['audio'] !== undefined && message['audio'] !== null) {
    throw unbounded(`${where()}.audio`, ONLY_TEXT_AND_IMAGES);
  }
  if (content === undefined || content === null || typeof content === 'string') return;
  if (!Array.isArray(content)) {
    throw new BadCall(`'${where()}.content' must be a string or a list of parts.`, 'invalid_request', where());
  }
  for (let at = 0; at < content.length; at += 1) checkPart(content[at], `${where()}.content[${at}]`, images);
}

function checkPart(part: unknown, where: string, images: Images): void {
  if (!isRecord(part)) throw new BadCall(`'${where}' must be an object.`, 'invalid_request', where);
  if (TEXT_PARTS.has(part['type']) && hasOnly(part, TEXT_PART_FIELDS)) return;
  const url = field(part['image_url'], 'url');
  if (part['type'] !== 'image_url' || typeof url !== 'string' || !hasOnly(part, IMAGE_PART_FIELDS)) {
    throw unbounded(where, ONLY_TEXT_AND_IMAGES);
  }
  images.count += 1;
  images.bytes += dataUrlBytes(url);
}

function hasOnly(part: Record<string, unknown>, fields: ReadonlySet<string>): boolean {
  for (const name in part) if (!fields.has(name)) return false;
  return true;
}

function checkBounded(body: Record<string, unknown>): void {
  refuseFields(body, UNBOUNDED);
  checkTier(body);
  const { modalities } = body;
  if (Array.isArray(modalities) && modalities.some((modality) => modality !== 'text')) {
    throw unbounded('modalities', 'answers are text here.');
  }
  checkTools(body);
}

/** Where both limits are given the larger counts: which of them a provider obeys is not ours to guess. */
function outputLimit(body: Record<string, unknown>): number | null {
  const older = integerIn(body, 'max_tokens', MOST_OUTPUT_TOKENS);
  const newer = integerIn(body, 'max_completion_tokens', MOST_OUTPUT_TOKENS);
  if (older === null || newer === null) return older ?? newer;
  return Math.max(older, newer);
}

function wantsUsage(body: Record<string, unknown>): boolean {
  const options = body['stream_options'];
  if (options === undefined || options === null) return false;
  if (!isRecord(options)) {
    throw new BadCall("'stream_options' must be an object.", 'invalid_request', 'stream_options');
  }
  return options['include_usage'] === true;
}
