import type { IncomingHttpHeaders } from 'node:http';
import { BadCall } from '../../calls/wire-format.ts';

const DEFAULT_VERSION = '2023-06-01';
const VERSION = /^\d{4}-\d{2}-\d{2}$/;

/** Betas that change no price and bring no work of the provider's own. Their names end with a date. */
const HARMLESS_BETAS = new Set([
  'claude-code',
  'computer-use',
  'context-1m',
  'context-management',
  'effort',
  'extended-cache-ttl',
  'fine-grained-tool-streaming',
  'interleaved-thinking',
  'max-tokens-3-5-sonnet',
  'output-128k',
  'prompt-caching',
  'prompt-caching-scope',
  'structured-outputs',
  'token-efficient-tools',
  'tool-examples',
]);
const DATE_AT_END = /-\d{4}-?\d{2}-?\d{2}$/;

/** @throws BadCall */
export function checkHeaders(client: IncomingHttpHeaders): void {
  const version = client['anthropic-version'];
  if (version !== undefined && !(typeof version === 'string' && VERSION.test(version))) {
    throw new BadCall("'anthropic-version' must be a date such as 2023-06-01.", 'invalid_request', 'anthropic-version');
  }
  for (const beta of betasOf(client)) {
    if (HARMLESS_BETAS.has(beta.replace(DATE_AT_END, ''))) continue;
    const message = `The beta "${beta.slice(0, 100)}" isn't passed on: what it makes a call cost is not known here. Leave it out of 'anthropic-beta'.`;
    throw new BadCall(message, 'unbounded_request', 'anthropic-beta');
  }
}

export function providerHeaders(credential: string, client: IncomingHttpHeaders): Record<string, string> {
  const version = client['anthropic-version'];
  const betas = betasOf(client);
  return {
    'x-api-key': credential,
    'anthropic-version': typeof version === 'string' ? version : DEFAULT_VERSION,
    ...(betas.length > 0 ? { 'anthropic-beta': betas.join(',') } : {}),
  };
}

/** The SDKs take the base URL without its version; one that has it is taken as well. */
export function providerPath(basePath: string): string {
  return basePath.endsWith('/v1') ? `${basePath}/messages` : `${basePath}/v1/messages`;
}

function betasOf(client: IncomingHttpHeaders): string[] {
  const header = client['anthropic-beta'];
  if (header === undefined) return [];
  const text = typeof header === 'string' ? header : header.join(',');
  return text
    .split(',')
    .map((beta) => beta.trim())
    .filter((beta) => beta !== '');
}
