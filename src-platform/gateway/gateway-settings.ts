import { createHash, createSecretKey, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import { LOG_LEVELS, type LogLevel } from './gateway-log.ts';

/** What a gateway needs to know to start. */
export interface GatewaySettings {
  readonly databaseUrl: string;
  /** The same login straight to PostgreSQL, where `databaseUrl` leads through a pooler in transaction mode: for LISTEN. */
  readonly directUrl?: string;
  /** One Redis, or with commas between them some masters of a Cluster. */
  readonly redisUrl: string;
  /** 0: a free one. */
  readonly port: number;
  /** Address to listen on; loopback unless told otherwise. */
  readonly host: string;
  /** Folder of the journal and the gateway's id; one process at a time. */
  readonly dataFolder: string;
  /** Opens the providers' credentials. */
  readonly credentialKey: KeyObject;
  readonly name: string;
  /** SHA-256 of the token that reads /metrics; without it operators alone do. */
  readonly metricsToken?: Buffer;
  readonly logLevel?: LogLevel;
  /** The most that is kept of one answer of a provider; default: {@link LARGEST_ANSWER_BYTES}. */
  readonly largestAnswerBytes?: number;
  /** How it stops; see Drain. */
  readonly drain?: DrainSettings;
}

/** Both in milliseconds. */
export interface DrainSettings {
  /** Between the first word to the balancer (/readyz: 503) and the last call that is taken. */
  readonly noticeMs: number;
  /** Open calls may take so long to end; what is open then is cut off. */
  readonly patienceMs: number;
}

/** A setting is missing or wrong; the message names all of them. */
export class BadSettings extends Error {
  override readonly name = 'BadSettings';
}

const KEY_BYTES = 32;
const LAST_PORT = 65_535;
const SECOND_MS = 1_000;
const MEGABYTE = 1024 * 1024;
const LARGEST_ANSWER_MB = 64;
/** The largest embeddings that official SDKs ask for come to half of this. */
export const LARGEST_ANSWER_BYTES = LARGEST_ANSWER_MB * MEGABYTE;
const POSTGRES = ['postgres:', 'postgresql:'];
const REDIS = ['redis:', 'rediss:'];
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const TOKEN = /^[\x21-\x7e]{32,500}$/;
const HOST_NAME = /^(?!-)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*$/i;
const NAME = /^[^\p{C}]{1,100}$/u;
/** Docker and Kubernetes set variables of this form for a service named tenantdesk-gateway. */
const NOT_OURS = /^tcp:\/\//;

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the settings from the environment. @throws BadSettings with one line for each thing that is wrong */
export function readGatewaySettings(environment: Environment): GatewaySettings {
  const problems: string[] = [];
  const read = (name: string): string => (environment[name] ?? '').trim();
  const text = (name: string, meaning: string): string => {
    const value = read(name);
    if (value === '') problems.push(`${name} is missing: ${meaning}.`);
    return value;
  };
  const check = (fits: boolean, problem: string): void => {
    if (!fits) problems.push(problem);
  };
  const number = (name: string, otherwise: number, least: number, most: number, meaning: string): number => {
    const value = read(name);
    if (value === '') return otherwise;
    const found = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
    const ours = NOT_OURS.test(value) ? ' This value comes from a service of that name: switch service links off.' : '';
    check(
      found >= least && found <= most,
      `${name} must be ${meaning}, a whole number from ${least} to ${most}.${ours}`,
    );
    return found;
  };
  const address = (name: string, value: string, schemes: readonly string[]): void =>
    check(
      value === '' || isAddress(value, schemes),
      `${name} must be an address that begins with ${schemes.join('// or ')}// and names a host.`,
    );

  const databaseUrl = text('TENANTDESK_DATABASE_URL', "the gateway's own database login, a member of td_gateway");
  address('TENANTDESK_DATABASE_URL', databaseUrl, POSTGRES);
  const directUrl = read('TENANTDESK_DATABASE_DIRECT_URL');
  address('TENANTDESK_DATABASE_DIRECT_URL', directUrl, POSTGRES);
  const redisUrl = text('TENANTDESK_REDIS_URL', 'where gateways share live figures and windows');
  for (const one of redisUrl.split(',')) address('TENANTDESK_REDIS_URL', one, REDIS);
  const dataFolder = text('TENANTDESK_GATEWAY_DATA', "the folder of this gateway's journal and id");
  const keyText = text('TENANTDESK_CREDENTIAL_KEY', `${KEY_BYTES} bytes in base64: openssl rand -base64 ${KEY_BYTES}`);
  const keyBytes = BASE64.test(keyText) ? Buffer.from(keyText, 'base64') : Buffer.alloc(0);
  check(
    keyText === '' || keyBytes.length === KEY_BYTES,
    `TENANTDESK_CREDENTIAL_KEY must be ${KEY_BYTES} bytes in base64, such as openssl rand -base64 ${KEY_BYTES} makes.`,
  );
  const port = number('TENANTDESK_GATEWAY_PORT', 0, 0, LAST_PORT, 'the port to listen on (0: any free one)');
  const host = read('TENANTDESK_GATEWAY_HOST') || '127.0.0.1';
  check(
    isIP(host) !== 0 || HOST_NAME.test(host),
    'TENANTDESK_GATEWAY_HOST must be an address of this machine without a port, such as 0.0.0.0.',
  );
  const name = read('TENANTDESK_GATEWAY_NAME') || 'gateway';
  check(NAME.test(name), 'TENANTDESK_GATEWAY_NAME must be 1 to 100 characters that can be shown.');
  const token = read('TENANTDESK_METRICS_TOKEN');
  check(
    token === '' || TOKEN.test(token),
    'TENANTDESK_METRICS_TOKEN must be 32 to 500 characters without blanks, such as openssl rand -hex 32 makes.',
  );
  const noticeMs =
    SECOND_MS * number('TENANTDESK_GATEWAY_NOTICE_SECONDS', 5, 0, 300, "the seconds a balancer's checks need");
  const patienceMs =
    SECOND_MS * number('TENANTDESK_GATEWAY_DRAIN_SECONDS', 20, 1, 3_600, 'the seconds open calls may take to end');
  const answerMegabytes = number(
    'TENANTDESK_GATEWAY_ANSWER_MB',
    LARGEST_ANSWER_MB,
    1,
    256,
    "the megabytes of a provider's largest answer",
  );
  const levelText = read('TENANTDESK_LOG_LEVEL') || 'info';
  const logLevel = LOG_LEVELS.find((level) => level === levelText);
  check(logLevel !== undefined, `TENANTDESK_LOG_LEVEL must be one of ${LOG_LEVELS.join(', ')}.`);
  if (problems.length > 0) throw new BadSettings(problems.join('\n'));
  return {
    databaseUrl,
    ...(directUrl === '' ? {} : { directUrl }),
    redisUrl,
    port,
    host,
    dataFolder,
    credentialKey: createSecretKey(keyBytes),
    name,
    ...(token === '' ? {} : { metricsToken: createHash('sha256').update(token).digest() }),
    ...(logLevel === undefined ? {} : { logLevel }),
    drain: { noticeMs, patienceMs },
    largestAnswerBytes: answerMegabytes * MEGABYTE,
  };
}

function isAddress(value: string, schemes: readonly string[]): boolean {
  const url = URL.parse(value);
  return url !== null && schemes.includes(url.protocol) && (url.hostname !== '' || url.searchParams.has('host'));
}
