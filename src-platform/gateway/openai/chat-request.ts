/** A call of the chat completions format whose cost can be bounded. */
export interface ChatRequest {
  /** The parsed body: what is forwarded is written anew from it, so that provider and gateway can't read it differently. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly model: string;
  readonly stream: boolean;
  readonly clientWantsUsage: boolean;
  /** Output tokens for each choice as the client limits them; null: no limit given. */
  readonly outputLimit: number | null;
  readonly choices: number;
  /** OpenAI's `metadata.workflow`. */
  readonly workflowSlug: string | undefined;
}

/** The body is no such request, or its cost can't be bounded. Message for the tenant's developer. */
export class BadChatRequest extends Error {
  override readonly name = 'BadChatRequest';
  readonly code: 'invalid_request' | 'invalid_json' | 'unbounded_request';
  readonly parameter: string | null;
  constructor(message: string, code: BadChatRequest['code'] = 'invalid_request', parameter: string | null = null) {
    super(message);
    this.code = code;
    this.parameter = parameter;
  }
}

const LIMIT_FIELDS = ['max_tokens', 'max_completion_tokens'] as const;
const MOST_OUTPUT_TOKENS = 10_000_000;
const MOST_CHOICES = 128;
const LONGEST_NAME = 256;

/** Fields that make a call dearer in ways no token limit bounds. */
const UNBOUNDED_FIELDS = ['audio', 'prediction', 'web_search_options'] as const;
const BOUNDED_TIERS = new Set<unknown>([undefined, null, 'auto', 'default']);
const BOUNDED_PARTS = new Set<unknown>(['text', 'refusal']);
const PART_FIELDS = new Set(['type', 'text', 'refusal', 'cache_control']);
const BOUNDED_TOOLS = new Set<unknown>(['function', 'custom']);

/** @throws BadChatRequest */
export function readChatRequest(text: string): ChatRequest {
  const body = parseObject(text);
  const model = body['model'];
  if (typeof model !== 'string' || model === '' || model.length > LONGEST_NAME) {
    throw new BadChatRequest("'model' must be the name of a model.", 'invalid_request', 'model');
  }
  checkMessages(body['messages']);
  checkBounded(body);
  const stream = booleanIn(body, 'stream');
  return {
    body,
    model,
    stream,
    clientWantsUsage: wantsUsage(body),
    outputLimit: outputLimit(body),
    choices: integerIn(body, 'n', MOST_CHOICES) ?? 1,
    workflowSlug: workflowOf(body['metadata']),
  };
}

/** The body to forward: the client's, but for the limit that policy sets (a lower one stays) and the usage report that metering needs. */
export function forwardedBody(request: ChatRequest, setOutputLimit: number | null): string {
  const changes: Record<string, unknown> = {};
  if (setOutputLimit !== null) {
    if (request.outputLimit === null) changes['max_completion_tokens'] = setOutputLimit;
    for (const field of LIMIT_FIELDS) {
      const given = request.body[field];
      if (typeof given === 'number') changes[field] = Math.min(given, setOutputLimit);
    }
  }
  if (request.stream && !request.clientWantsUsage) {
    const options = request.body['stream_options'];
    changes['stream_options'] = { ...(isRecord(options) ? options : {}), include_usage: true };
  }
  return JSON.stringify({ ...request.body, ...changes });
}

function parseObject(text: string): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unreadable';
    throw new BadChatRequest(`The body is not valid JSON: ${reason}`, 'invalid_json');
  }
  if (!isRecord(parsed)) throw new BadChatRequest('The body must be a JSON object.', 'invalid_json');
  return parsed;
}

function checkMessages(messages: unknown): void {
  if (!Array.isArray(messages) || messages.length === 0) {
    throw new BadChatRequest("'messages' must be a list with at least one message.", 'invalid_request', 'messages');
  }
  for (const [index, message] of messages.entries()) checkMessage(message, `messages[${index}]`);
}

function checkMessage(message: unknown, where: string): void {
  if (!isRecord(message)) throw new BadChatRequest(`'${where}' must be an object.`, 'invalid_request', where);
  if (typeof message['role'] !== 'string') {
    throw new BadChatRequest(`'${where}.role' must be a string.`, 'invalid_request', where);
  }
  const { content } = message;
  if (message['audio'] !== undefined && message['audio'] !== null) throw unbounded(`${where}.audio`);
  if (content === undefined || content === null || typeof content === 'string') return;
  if (!Array.isArray(content)) {
    throw new BadChatRequest(`'${where}.content' must be a string or a list of parts.`, 'invalid_request', where);
  }
  for (const [index, part] of content.entries()) {
    const name = `${where}.content[${index}]`;
    if (!isRecord(part)) throw new BadChatRequest(`'${name}' must be an object.`, 'invalid_request', name);
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

function unbounded(where: string): BadChatRequest {
  return new BadChatRequest(
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

function integerIn(body: Record<string, unknown>, field: string, most: number): number | null {
  const value = body[field];
  if (value === undefined || value === null) return null;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new BadChatRequest(`'${field}' must be an integer from 1 to ${most}.`, 'invalid_request', field);
}

function booleanIn(body: Record<string, unknown>, field: string): boolean {
  const value = body[field];
  if (value === undefined || value === null) return false;
  if (typeof value === 'boolean') return value;
  throw new BadChatRequest(`'${field}' must be true or false.`, 'invalid_request', field);
}

function wantsUsage(body: Record<string, unknown>): boolean {
  const options = body['stream_options'];
  if (options === undefined || options === null) return false;
  if (!isRecord(options)) {
    throw new BadChatRequest("'stream_options' must be an object.", 'invalid_request', 'stream_options');
  }
  return options['include_usage'] === true;
}

function workflowOf(metadata: unknown): string | undefined {
  if (!isRecord(metadata)) return undefined;
  const { workflow } = metadata;
  return typeof workflow === 'string' ? workflow : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
