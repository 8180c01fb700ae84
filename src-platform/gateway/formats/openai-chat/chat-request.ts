import { BadCall, type WireCall } from '../../calls/wire-format.ts';
import {
  booleanIn,
  integerIn,
  isRecord,
  modelIn,
  MOST_OUTPUT_TOKENS,
  parseBody,
  workflowIn,
} from '../../calls/json-fields.ts';
import { createChatStreamReader } from './chat-stream.ts';

const LIMIT_FIELDS = ['max_tokens', 'max_completion_tokens'] as const;
const MOST_CHOICES = 128;

/** Fields that make a call dearer in ways no token limit bounds. */
const UNBOUNDED_FIELDS = ['audio', 'prediction', 'web_search_options'] as const;
const BOUNDED_TIERS = new Set<unknown>([undefined, null, 'auto', 'default']);
const BOUNDED_PARTS = new Set<unknown>(['text', 'refusal']);
const PART_FIELDS = new Set(['type', 'text', 'refusal', 'cache_control']);
const BOUNDED_TOOLS = new Set<unknown>(['function', 'custom']);

/** Parsed once: what is forwarded is written anew from it, so that provider and gateway can't read it differently. @throws BadCall */
export function readChatCall(text: string): WireCall {
  const body = parseBody(text);
  const model = modelIn(body);
  checkMessages(body['messages']);
  checkBounded(body);
  const stream = booleanIn(body, 'stream');
  const clientWantsUsage = wantsUsage(body);
  const limit = outputLimit(body);
  return {
    model,
    stream,
    outputLimit: limit,
    choices: integerIn(body, 'n', MOST_CHOICES) ?? 1,
    workflowSlug: workflowIn(body),
    body: (setOutputLimit) => writeBody(body, limit === null, setOutputLimit, stream && !clientWantsUsage),
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

function checkMessages(messages: unknown): void {
  if (!Array.isArray(messages) || messages.length === 0) {
    throw new BadCall("'messages' must be a list with at least one message.", 'invalid_request', 'messages');
  }
  for (const [index, message] of messages.entries()) checkMessage(message, `messages[${index}]`);
}

function checkMessage(message: unknown, where: string): void {
  if (!isRecord(message)) throw new BadCall(`'${where}' must be an object.`, 'invalid_request', where);
  if (typeof message['role'] !== 'string') {
    throw new BadCall(`'${where}.role' must be a string.`, 'invalid_request', where);
  }
  const { content } = message;
  if (message['audio'] !== undefined && message['audio'] !== null) throw unbounded(`${where}.audio`);
  if (content === undefined || content === null || typeof content === 'string') return;
  if (!Array.isArray(content)) {
    throw new BadCall(`'${where}.content' must be a string or a list of parts.`, 'invalid_request', where);
  }
  for (const [index, part] of content.entries()) {
    const name = `${where}.content[${index}]`;
    if (!isRecord(part)) throw new BadCall(`'${name}' must be an object.`, 'invalid_request', name);
    const bounded = BOUNDED_PARTS.has(part['type']) && Object.keys(part).every((field) => PART_FIELDS.has(field));
    if (!bounded) throw unbounded(name);
  }
}

/** Images, sound and files cost tokens that their bytes don't bound; so do a dearer tier and a provider's own search. */
function checkBounded(body: Record<string, unknown>): void {
  for (const field of UNBOUNDED_FIELDS) {
    if (body[field] !== undefined && body[field] !== null) throw unbounded(field);
  }
  if (!BOUNDED_TIERS.has(body['service_tier'])) throw unbounded('service_tier');
  const { modalities, tools } = body;
  if (Array.isArray(modalities) && modalities.some((modality) => modality !== 'text')) throw unbounded('modalities');
  if (Array.isArray(tools)) {
    for (const [index, tool] of tools.entries()) {
      if (!isRecord(tool) || !BOUNDED_TOOLS.has(tool['type'])) throw unbounded(`tools[${index}]`);
    }
  }
}

function unbounded(where: string): BadCall {
  return new BadCall(
    `'${where}' makes a call whose cost can't be bounded beforehand; this gateway takes text only.`,
    'unbounded_request',
    where,
  );
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
