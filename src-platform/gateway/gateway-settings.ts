import { createSecretKey, type KeyObject } from 'node:crypto';

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
}

/** A setting is missing or wrong; the message names all of them. */
export class BadSettings extends Error {
  override readonly name = 'BadSettings';
}

const KEY_BYTES = 32;
const LAST_PORT = 65_535;

/** Reads the settings from the environment. @throws BadSettings with one line for each thing that is wrong */
export function readGatewaySettings(environment: Readonly<Record<string, string | undefined>>): GatewaySettings {
  const problems: string[] = [];
  const text = (name: string, meaning: string): string => {
    const value = environment[name] ?? '';
    if (value === '') problems.push(`${name} is missing: ${meaning}.`);
    return value;
  };
  const url = (name: string, schemes: readonly string[], meaning: string, several = false): string => {
    const value = text(name, meaning);
    const fits = (address: string): boolean =>
      schemes.some((scheme) => URL.canParse(address) && new URL(address).protocol === scheme);
    if (value !== '' && !(several ? value.split(',') : [value]).every(fits)) {
      problems.push(`${name} must be an address that begins with ${schemes.join('// or ')}//.`);
    }
    return value;
  };
  const databaseUrl = url('TENANTDESK_DATABASE_URL', ['postgres:', 'postgresql:'], "the gateway's own database login");
  const direct = environment['TENANTDESK_DATABASE_DIRECT_URL'] ?? '';
  if (direct !== '') url('TENANTDESK_DATABASE_DIRECT_URL', ['postgres:', 'postgresql:'], 'the same without the pooler');
  const redisUrl = url(
    'TENANTDESK_REDIS_URL',
    ['redis:', 'rediss:'],
    'where gateways share live figures and windows',
    true,
  );
  const dataFolder = text('TENANTDESK_GATEWAY_DATA', "the folder of this gateway's journal and id");
  const keyText = text('TENANTDESK_CREDENTIAL_KEY', "32 bytes in base64 that open the providers' credentials");
  const keyBytes = Buffer.from(keyText, 'base64');
  if (keyText !== '' && keyBytes.length !== KEY_BYTES) {
    problems.push(`TENANTDESK_CREDENTIAL_KEY must be ${KEY_BYTES} bytes in base64; these are ${keyBytes.length}.`);
  }
  const port = Number(environment['TENANTDESK_GATEWAY_PORT'] ?? '0');
  if (!Number.isInteger(port) || port < 0 || port > LAST_PORT) {
    problems.push(`TENANTDESK_GATEWAY_PORT must be a port from 0 (any free one) to ${LAST_PORT}.`);
  }
  if (problems.length > 0) throw new BadSettings(problems.join('\n'));
  return {
    databaseUrl,
    ...(direct === '' ? {} : { directUrl: direct }),
    redisUrl,
    port,
    host: environment['TENANTDESK_GATEWAY_HOST'] ?? '127.0.0.1',
    dataFolder,
    credentialKey: createSecretKey(keyBytes),
    name: environment['TENANTDESK_GATEWAY_NAME'] ?? 'gateway',
  };
}
