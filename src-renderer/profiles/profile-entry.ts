import type { ProfileDraft, ProfileInput } from '../../src-main/contract/profiles.ts';
import { FIRST_TRUST, readTrust, trustEntryOf, trustProblem, type TrustEntry } from './trust-entry.ts';

/** What stands in the fields of the connect dialog. */
export interface ProfileEntry {
  name: string;
  kind: ProfileInput['kind'];
  colour: ProfileInput['colour'];
  host: string;
  port: string;
  database: string;
  login: string;
  password: string;
  /** Empty: the address above leads straight to PostgreSQL. */
  directHost: string;
  directPort: string;
  databaseTrust: TrustEntry;
  gateway: string;
  token: string;
  gatewayTrust: TrustEntry;
}

/** Those that are one line of text. */
export type TextField = Exclude<keyof ProfileEntry, 'databaseTrust' | 'gatewayTrust'>;

/** The connection that is changed, as the vault has it. */
export interface KeptProfile {
  id: string;
  revision: number;
  tokenLast4: string;
}

export const FIRST_ENTRY: ProfileEntry = {
  name: '',
  kind: 'production',
  colour: 'royalblue',
  host: '',
  port: '5432',
  database: 'tenantdesk',
  login: '',
  password: '',
  directHost: '',
  directPort: '5432',
  databaseTrust: FIRST_TRUST,
  gateway: '',
  token: '',
  gatewayTrust: FIRST_TRUST,
};

/** The fields as a kept connection or a file has them. `kept`: a weaker way was accepted before; that of a file is not. */
export function entryOf({ database, gateway, ...look }: ProfileDraft, kept: boolean): ProfileEntry {
  return {
    ...look,
    host: database.host,
    port: String(database.port),
    database: database.name,
    login: database.login,
    password: '',
    directHost: database.direct?.host ?? '',
    directPort: String(database.direct?.port ?? 5432),
    databaseTrust: trustEntryOf(database, kept),
    gateway: gateway.url,
    token: '',
    gatewayTrust: trustEntryOf(gateway, kept),
  };
}

type Problems = Partial<Record<keyof ProfileEntry, string>>;

const NEEDED: Partial<Record<TextField, string>> = {
  name: 'Give the connection a name.',
  host: 'Enter the database’s host.',
  database: 'Enter the database’s name.',
  login: 'Enter your own login.',
  gateway: 'Enter the gateway’s address.',
};
const NEEDED_SECRETS: Partial<Record<TextField, string>> = {
  password: 'Enter the login’s password.',
  token: 'Enter your gateway token.',
};

/** The connection that was entered, or what is missing of it. Whether it leads anywhere, the test says. */
export function readProfile(
  entry: ProfileEntry,
  kept: KeptProfile | null = null,
): { ok: true; input: ProfileInput } | { ok: false; problems: Problems } {
  const problems: Problems = {};
  const needed = Object.entries(kept === null ? { ...NEEDED, ...NEEDED_SECRETS } : NEEDED);
  for (const [field, sentence] of needed) {
    if (isTextField(field) && entry[field].trim() === '') problems[field] = sentence;
  }
  const port = readPort(entry.port);
  if (port === null) problems.port = A_PORT;
  const directPort = readPort(entry.directPort);
  const directHost = entry.directHost.trim();
  if (directHost !== '' && directPort === null) problems.directPort = A_PORT;
  const url = URL.parse(entry.gateway.trim());
  if (problems.gateway === undefined && (url === null || !/^https?:$/.test(url.protocol))) {
    problems.gateway = 'An address begins with https:// (http:// only for this computer).';
  }
  for (const trust of ['databaseTrust', 'gatewayTrust'] as const) {
    const problem = trustProblem(entry[trust]);
    if (problem !== null) problems[trust] = problem;
  }
  if (Object.keys(problems).length > 0 || port === null) return { ok: false, problems };
  return {
    ok: true,
    input: {
      name: entry.name.trim(),
      kind: entry.kind,
      colour: entry.colour,
      of: kept === null ? null : { id: kept.id, revision: kept.revision },
      database: {
        host: entry.host.trim(),
        port,
        direct: directHost === '' || directPort === null ? null : { host: directHost, port: directPort },
        name: entry.database.trim(),
        login: entry.login.trim(),
        password: entry.password === '' ? null : entry.password,
        ...readTrust(entry.databaseTrust, entry.databaseTrust.tls),
      },
      gateway: {
        url: entry.gateway.trim(),
        token: entry.token.trim() === '' ? null : entry.token.trim(),
        ...readTrust(entry.gatewayTrust, entry.gatewayTrust.tls === 'none' ? 'verify' : entry.gatewayTrust.tls),
      },
    },
  };
}

const A_PORT = 'A port is a number from 1 to 65535.';

function readPort(text: string): number | null {
  const port = /^\d{1,5}$/.test(text.trim()) ? Number(text) : 0;
  return port < 1 || port > 65_535 ? null : port;
}

function isTextField(field: string): field is TextField {
  return field in FIRST_ENTRY && field !== 'databaseTrust' && field !== 'gatewayTrust';
}
