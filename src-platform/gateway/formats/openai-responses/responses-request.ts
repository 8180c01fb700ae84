import {
  booleanIn,
  integerIn,
  isRecord,
  modelIn,
  MOST_OUTPUT_TOKENS,
  parseBody,
  metadataIn,
} from '../../calls/json-fields.ts';
import { BadCall, type WireCall } from '../../calls/wire-format.ts';
import { checkTier, checkTools, dataUrlBytes, FOREIGN_ROUTING, imageTokens } from '../openai/openai-bounds.ts';
import { refuseFields, unbounded, type UnboundedFields } from '../unbounded.ts';
import { createResponsesStreamReader } from './responses-stream.ts';

/**
 * What the provider keeps from earlier calls is refused, for two reasons: its tokens are billed again and are not in the body, and it
 * lies in the platform's one account with the provider, where a tenant could name what belongs to another.
 */
const KEPT_ELSEWHERE = "it stands for text that the provider keeps; send the earlier items in 'input'.";
const UNBOUNDED: UnboundedFields = {
  ...FOREIGN_ROUTING,
  previous_response_id: KEPT_ELSEWHERE,
  conversation: KEPT_ELSEWHERE,
  prompt: "it stands for text that the provider keeps; send it in 'instructions' and 'input'.",
  background: 'what it costs is known to nobody when it is asked for; leave it out and take a stream.',
  context_management: 'the provider would make calls of its own; leave it out.',
};
const LEAST_OUTPUT_TOKENS = 16;

const TEXT_ITEMS = new Set<unknown>([
  'function_call',
  'function_call_output',
  'custom_tool_call',
  'custom_tool_call_output',
]);
const TEXT_PARTS = new Set<unknown>(['input_text', 'output_text', 'refusal', 'text', 'summary_text', 'reasoning_text']);
const ONLY_TEXT_AND_IMAGES = 'take text and images (image_url); sound, files and stored images have no price here.';

/** @throws BadCall */
export function readResponsesCall(text: string): WireCall {
  const body = parseBody(text);
  const model = modelIn(body);
  refuseFields(body, UNBOUNDED);
  checkTier(body);
  checkTools(body);
  const images = { count: 0, bytes: 0 };
  checkInput(body['input'], images);
  const limit = integerIn(body, 'max_output_tokens', MOST_OUTPUT_TOKENS);
  return {
    model,
    stream: booleanIn(body, 'stream'),
    outputLimit: limit,
    leastOutputLimit: LEAST_OUTPUT_TOKENS,
    choices: 1,
    ...metadataIn(body),
    imageBytes: images.bytes,
    addedTokens: images.count === 0 ? 0 : images.count * imageTokens(model),
    body: (set) =>
      JSON.stringify(set === null ? body : { ...body, max_output_tokens: limit === null ? set : Math.min(limit, set) }),
    cachesForAnHour: () => false,
    streamReader: createResponsesStreamReader,
  };
}

interface Images {
  count: number;
  bytes: number;
}

function checkInput(input: unknown, images: Images): void {
  if (typeof input === 'string') return;
  if (!Array.isArray(input)) {
    throw new BadCall("'input' must be a text or a list of items.", 'invalid_request', 'input');
  }
  for (let index = 0; index < input.length; index += 1) checkItem(input[index], `input[${index}]`, images);
}

function checkItem(item: unknown, where: string, images: Images): void {
  if (!isRecord(item)) throw new BadCall(`'${where}' must be an object.`, 'invalid_request', where);
  const { type } = item;
  if (type === undefined || type === 'message') return checkParts(item['content'], `${where}.content`, images);
  if (TEXT_ITEMS.has(type)) return checkParts(item['output'], `${where}.output`, images);
  if (type === 'reasoning') {
    if (typeof item['encrypted_content'] === 'string') return;
    const remedy = `ask for it with include: ["reasoning.encrypted_content"] and store: false, and send it along.`;
    throw unbounded(where, `without its encrypted_content it stands for text that the provider keeps; ${remedy}`);
  }
  throw unbounded(where, 'take messages, function calls and their outputs.');
}

function checkParts(parts: unknown, where: string, images: Images): void {
  if (parts === undefined || parts === null || typeof parts === 'string') return;
  if (!Array.isArray(parts)) throw new BadCall(`'${where}' must be a text or a list.`, 'invalid_request', where);
  for (let index = 0; index < parts.length; index += 1) {
    const part: unknown = parts[index];
    if (isRecord(part) && TEXT_PARTS.has(part['type'])) continue;
    const url = isRecord(part) && part['type'] === 'input_image' ? part['image_url'] : undefined;
    const stored = isRecord(part) && part['file_id'] !== undefined && part['file_id'] !== null;
    if (typeof url !== 'string' || stored) throw unbounded(`${where}[${index}]`, ONLY_TEXT_AND_IMAGES);
    images.count += 1;
    images.bytes += dataUrlBytes(url);
  }
}
