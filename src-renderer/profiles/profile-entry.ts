import type { ProfileInput } from '../../src-main/contract/profiles.ts';
import { FIRST_TRUST, readTrust, trustProblem, type TrustEntry } from './trust-entry.ts';

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
  databaseTrust: TrustEntry;
  gateway: string;
  token: string;
  gatewayTrust: TrustEntry;
}

/** Those that are one line of text. */
export type TextField = Exclude<keyof ProfileEntry, 'databaseTrust' | 'gatewayTrust'>;

export const FIRST_ENTRY: ProfileEntry = {
  name: '',
  kind: 'production',
  colour: 'royalblue',
  host: '',
  port: '5432',
  database: 'tenantdesk',
  login: '',
  password: '',
  databaseTrust: FIRST_TRUST,
  gateway: '',
  token: '',
  gatewayTrust: FIRST_TRUST,
};

type Problems = Partial<Record<keyof ProfileEntry, string>>;

const NEEDED: Partial<Record<TextField, string>> = {
  name: 'Give the connection a name.',
  host: 'Enter the database’s host.',
  database: 'Enter the database’s name.',
  login: 'Enter your own login.',
  password: 'Enter the login’s password.',
  gateway: 'Enter the gateway’s address.',
  token: 'Enter your gateway token.',
};

/** The connection that was entered, or what is missing of it. Whether it leads anywhere, the test says. */
export function readProfile(
  entry: ProfileEntry,
): { ok: true; input: ProfileInput } | { ok: false; problems: Problems } {
  const problems: Problems = {};
  const fields = ['name', 'host', 'database', 'login', 'password', 'gateway', 'token'] as const;
  for (const field of fields) if (entry[field].trim() === '') problems[field] = NEEDED[field];
  const port = /^\d{1,5}$/.test(entry.port.trim()) ? Number(entry.port) : 0;
  if (port < 1 || port > 65_535) problems.port = 'A port is a number from 1 to 65535.';
  const url = URL.parse(entry.gateway.trim());
  if (problems.gateway === undefined && (url === null || !/^https?:$/.test(url.protocol))) {
    problems.gateway = 'An address begins with https:// (http:// only for this computer).';
  }
  for (const trust of ['databaseTrust', 'gatewayTrust'] as const) {
    const problem = trustProblem(entry[trust]);
    if (problem !== null) problems[trust] = problem;
  }
  if (Object.keys(problems).length > 0) return { ok: false, problems };
  return {
    ok: true,
    input: {
      name: entry.name.trim(),
      kind: entry.kind,
      colour: entry.colour,
      database: {
        host: entry.host.trim(),
        port,
        name: entry.database.trim(),
        login: entry.login.trim(),
        password: entry.password,
        ...readTrust(entry.databaseTrust, entry.databaseTrust.tls),
      },
      gateway: {
        url: entry.gateway.trim(),
        token: entry.token.trim(),
        ...readTrust(entry.gatewayTrust, entry.gatewayTrust.tls === 'none' ? 'verify' : entry.gatewayTrust.tls),
      },
    },
  };
}
