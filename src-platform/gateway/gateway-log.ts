import { DatabaseError } from 'pg';
import type { GatewaySettings } from './gateway-settings.ts';
import type { RefusedCall } from './admission/refusal-notes.ts';
import type { LedgerRow } from './ledger/ledger-row.ts';
import type { Policy } from './policy/policy.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
/** `debug` has a line for each call. */
export type LogLevel = (typeof LOG_LEVELS)[number];

type Fields = Readonly<Record<string, unknown>>;

/** One event a call, fields without secrets and without tenants' content. */
export interface GatewayLog {
  /** False: nobody reads lines of calls, so none should be made. */
  readonly tellsCalls: boolean;
  debug(event: string, fields?: Fields): void;
  info(event: string, fields?: Fields): void;
  warn(event: string, fields?: Fields): void;
  error(event: string, fields?: Fields): void;
  /** From now on this text stands in no line, whatever an error says; not in its usual encodings either. */
  hide(secret: string): void;
}

const HIDDEN = '[hidden]';
/** Shorter ones would blot out words. */
const SHORTEST_SECRET = 6;
const LONGEST_MESSAGE = 300;
/** Keys of tenants and of providers, tokens, and what stands in an address before its host. */
const LOOKS_SECRET = /\b(?:tdo?_|sk-)[\w-]{8,}|(?<=\bbearer\s)[^\s"]+|(?<=:\/\/)[^\s/"@]+(?=@)/gi;

/** JSON lines through `write` (standard error in the product). */
export function createGatewayLog(write: (line: string) => void, now: () => Date, least: LogLevel = 'info'): GatewayLog {
  const secrets = new Set<string>();
  const from = LOG_LEVELS.indexOf(least);
  const at = (level: LogLevel) => {
    if (LOG_LEVELS.indexOf(level) < from) return () => undefined;
    return (event: string, fields?: Fields): void => {
      let line = JSON.stringify({ at: now().toISOString(), level, event, ...fields });
      for (const secret of secrets) if (line.includes(secret)) line = line.replaceAll(secret, HIDDEN);
      write(`${line.replaceAll(LOOKS_SECRET, HIDDEN)}\n`);
    };
  };
  return {
    tellsCalls: least === 'debug',
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    hide: (secret) => {
      if (secret.length < SHORTEST_SECRET) return;
      const bytes = Buffer.from(secret);
      const encoded = (['base64', 'base64url', 'hex'] as const).map((encoding) => bytes.toString(encoding));
      // As it stands in a line of JSON.
      const shown = JSON.stringify(secret).slice(1, -1);
      for (const text of [secret, shown, encodeURIComponent(secret), ...encoded]) secrets.add(text);
    },
  };
}

/** What the gateway was given to keep to itself. */
export function hideSettings(log: GatewayLog, settings: GatewaySettings): void {
  const { databaseUrl, directUrl, redisUrl, credentialKey } = settings;
  for (const address of [databaseUrl, directUrl ?? '', ...redisUrl.split(',')]) {
    const password = URL.parse(address)?.password ?? '';
    log.hide(password);
    log.hide(decodeURIComponent(password));
  }
  log.hide(credentialKey.export().toString('base64'));
}

/** What a log may say of an error: its class, code and first line; never what somebody else's data said. */
export function errorFields(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { 'error.type': typeof error };
  const code: unknown = Reflect.get(error, 'code');
  return {
    'error.type': error.name,
    code: typeof code === 'string' ? code : undefined,
    message: quotesData(error) ? undefined : firstLine(error.message),
  };
}

/** These repeat what they could not read. */
function quotesData(error: Error): boolean {
  if (error instanceof SyntaxError) return true;
  return error instanceof DatabaseError && ['22', '23'].includes(error.code?.slice(0, 2) ?? '');
}

export function firstLine(text: string): string {
  return text.split('\n', 1)[0]?.slice(0, LONGEST_MESSAGE) ?? '';
}

/** An attempt that is settled, in the words of OpenTelemetry's conventions for generative AI where they have them. */
export function callFields(row: LedgerRow): Record<string, unknown> {
  return {
    'gen_ai.provider.name': row.provider,
    'gen_ai.request.model': row.model,
    'gen_ai.usage.input_tokens': row.input_tokens,
    'gen_ai.usage.output_tokens': row.output_tokens,
    'gen_ai.usage.cache_read.input_tokens': row.cached_input_tokens,
    'gen_ai.usage.cache_creation.input_tokens': row.cache_write_tokens,
    'http.response.status_code': row.http_status,
    'error.type': row.outcome === 'ok' ? undefined : row.outcome,
    'tenantdesk.request.id': row.request_id,
    'tenantdesk.attempt': row.attempt,
    'tenantdesk.kind': row.kind,
    'tenantdesk.tenant.id': row.tenant_id,
    'tenantdesk.key.id': row.key_id,
    'tenantdesk.workflow.id': row.workflow_id,
    'tenantdesk.cost_nanousd': row.cost_nanousd,
    'tenantdesk.latency_ms': row.latency_ms,
    'tenantdesk.first_byte_ms': row.first_token_ms,
  };
}

/** A call that was turned away. A model that nobody priced is the client's own words, so it is left out. */
export function refusalFields({ caller, requestId, workflowId, model, refusal }: RefusedCall, policy: Policy): Fields {
  return {
    'gen_ai.request.model': model !== null && policy.prices.sellers(model).length > 0 ? model : undefined,
    'http.response.status_code': refusal.status,
    'error.type': refusal.code,
    'tenantdesk.request.id': requestId,
    'tenantdesk.tenant.id': caller.tenant.id,
    'tenantdesk.key.id': caller.secret.keyId,
    'tenantdesk.workflow.id': workflowId,
  };
}
