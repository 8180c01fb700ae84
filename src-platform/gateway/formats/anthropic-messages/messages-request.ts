import type { IncomingHttpHeaders } from 'node:http';
import {
  NO_METADATA,
  booleanIn,
  count,
  field,
  integerIn,
  isRecord,
  modelIn,
  MOST_OUTPUT_TOKENS,
  parseBody,
} from '../../calls/json-fields.ts';
import { BadCall, type WireCall } from '../../calls/wire-format.ts';
import { cachesForAnHour } from '../hour-caching.ts';
import { refuseFields, unbounded, type UnboundedFields } from '../unbounded.ts';
import { createMessagesStreamReader } from './messages-stream.ts';
import { checkHeaders } from './provider-request.ts';

const UNBOUNDED: UnboundedFields = {
  mcp_servers: 'the provider would call tools by itself; run them in tools of your own.',
  container: 'the provider bills its containers besides the tokens.',
  fallbacks: "name one model in 'model'; other models are for the agency to set as fallback.",
};

/** What the provider puts around a call that no byte of it stands for, at most: its prompt for tools, and for a tool of its own making. */
const AROUND_A_CALL = 500;
const AROUND_TOOLS = 1_000;
const AROUND_A_KNOWN_TOOL = 1_500;
/** The most that an image counts as, by the provider's rule for its largest size. */
const IMAGE_TOKENS = 5_000;
/** Tools that the provider knows and the caller runs. */
const KNOWN_TOOLS = /^(bash|computer|memory|text_editor)_\d{8}$/;
const TEXT_BLOCKS = new Set<unknown>(['text', 'thinking', 'redacted_thinking', 'tool_use']);
const ONLY_TEXT_AND_IMAGES =
  'take text, images (base64 or url), documents of plain text, and tools that you run yourself.';

/** What a call adds to the tokens that its bytes stand for. */
interface Added {
  images: number;
  imageBytes: number;
}

/** @throws BadCall */
export function readMessagesCall(text: string, headers: IncomingHttpHeaders): WireCall {
  checkHeaders(headers);
  const body = parseBody(text);
  const model = modelIn(body);
  refuseFields(body, UNBOUNDED);
  checkSettings(body);
  const added: Added = { images: 0, imageBytes: 0 };
  checkMessages(body['messages'], added);
  checkContent(body['system'], 'system', added);
  const toolTokens = tokensAroundTools(body['tools']);
  const limit = integerIn(body, 'max_tokens', MOST_OUTPUT_TOKENS);
  return {
    model,
    stream: booleanIn(body, 'stream'),
    outputLimit: limit,
    leastOutputLimit: leastOutputLimit(body['thinking']),
    choices: 1,
    ...NO_METADATA,
    imageBytes: added.imageBytes,
    addedTokens: AROUND_A_CALL + toolTokens + added.images * IMAGE_TOKENS,
    body: (set) =>
      JSON.stringify(set === null ? body : { ...body, max_tokens: limit === null ? set : Math.min(limit, set) }),
    cachesForAnHour,
    streamReader: createMessagesStreamReader,
  };
}

/** Faster answers and places that are dearer than the list says, and work of the provider's own. */
function checkSettings(body: Record<string, unknown>): void {
  const { speed, inference_geo: place } = body;
  if (speed !== undefined && speed !== null && speed !== 'standard') throw unbounded('speed', 'leave it out.');
  if (place !== undefined && place !== null && place !== 'global') {
    throw unbounded('inference_geo', "its surcharge isn't in the price book; leave it out.");
  }
  const edits = field(body['context_management'], 'edits');
  const known = edits === undefined || (Array.isArray(edits) && edits.every(clearsOnly));
  if (known) return;
  throw unbounded('context_management', "take edits that only clear ('clear_…'); others make calls of their own.");
}

function clearsOnly(edit: unknown): boolean {
  const type = field(edit, 'type');
  return typeof type === 'string' && type.startsWith('clear_');
}

function checkMessages(messages: unknown, added: Added): void {
  if (!Array.isArray(messages) || messages.length === 0) {
    throw new BadCall("'messages' must be a list with at least one message.", 'invalid_request', 'messages');
  }
  for (let index = 0; index < messages.length; index += 1) {
    const message: unknown = messages[index];
    const where = `messages[${index}]`;
    if (!isRecord(message)) throw new BadCall(`'${where}' must be an object.`, 'invalid_request', where);
    if (typeof message['role'] !== 'string') {
      throw new BadCall(`'${where}.role' must be a string.`, 'invalid_request', where);
    }
    checkContent(message['content'], `${where}.content`, added);
  }
}

/** A text, or blocks of which each one's tokens are bounded. */
function checkContent(content: unknown, where: string, added: Added): void {
  if (content === undefined || content === null || typeof content === 'string') return;
  if (!Array.isArray(content)) {
    throw new BadCall(`'${where}' must be a text or a list of blocks.`, 'invalid_request', where);
  }
  for (let index = 0; index < content.length; index += 1) checkBlock(content[index], `${where}[${index}]`, added);
}

function checkBlock(block: unknown, where: string, added: Added): void {
  if (!isRecord(block)) throw new BadCall(`'${where}' must be an object.`, 'invalid_request', where);
  const { type } = block;
  if (TEXT_BLOCKS.has(type)) return;
  if (type === 'tool_result' || type === 'search_result') {
    return checkContent(block['content'], `${where}.content`, added);
  }
  const { source } = block;
  const kind = field(source, 'type');
  if (type === 'image' && (kind === 'base64' || kind === 'url')) {
    const data = field(source, 'data');
    added.images += 1;
    if (typeof data === 'string') added.imageBytes += data.length;
    return;
  }
  if (type === 'document' && kind === 'text') return;
  if (type === 'document' && kind === 'content') {
    return checkContent(field(source, 'content'), `${where}.source`, added);
  }
  throw unbounded(where, ONLY_TEXT_AND_IMAGES);
}

function tokensAroundTools(tools: unknown): number {
  if (!Array.isArray(tools) || tools.length === 0) return 0;
  let tokens = AROUND_TOOLS;
  for (let index = 0; index < tools.length; index += 1) {
    const type = field(tools[index], 'type');
    if (type === undefined || type === null || type === 'custom') continue;
    if (typeof type !== 'string' || !KNOWN_TOOLS.test(type)) {
      throw unbounded(`tools[${index}]`, 'take tools that the caller runs itself.');
    }
    tokens += AROUND_A_KNOWN_TOOL;
  }
  return tokens;
}

/** The answer has to have room for more than the thinking. */
function leastOutputLimit(thinking: unknown): number {
  return (count(thinking, 'budget_tokens') ?? 0) + 1;
}
