import path from 'node:path';
import { parseArgs } from 'node:util';

export const ROLES = ['viewer', 'account_manager', 'operator', 'admin', 'auditor'] as const;
export type Role = (typeof ROLES)[number];

export interface StartOptions {
  readonly help: boolean;
  readonly smoke: boolean;
  readonly open: boolean;
  /** Data folder of the local platform; absent: its own choice. */
  readonly data: string | undefined;
  readonly tenants: number | undefined;
  /** Calls of the demo's history; absent: the platform's own choice. */
  readonly history: number | undefined;
  readonly traffic: boolean;
  /** A file with the ready line of a platform that runs already; absent: start one. */
  readonly join: string | undefined;
  /** Whose login the console uses. */
  readonly role: Role;
  /** Where exports are written; absent: the user's folder for downloads. */
  readonly exports: string | undefined;
}

/** A command line that cannot be followed; the message says what is wrong and what there is. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const USAGE = `npm start -- [options]

Starts a platform on this machine (PostgreSQL, Redis, gateway, pretend provider, demo clients) and the console on it.

  --as ROLE      who you are: ${ROLES.join(', ')} (default: operator)
  --data DIR     folder of the platform's data (default: in your data folder; a second start takes its own)
  --tenants N    how many clients
  --history N    how many calls of the clients' 13 months of history (default: 100000)
  --exports DIR  where exports are written (default: your folder for downloads)
  --no-traffic   the clients make no calls
  --join FILE    start no platform: FILE holds what a running one printed (npm run platform -- --json)
  --no-open      open no window; print the one-time address instead
  --smoke        open no window; wait until the board shows figures that move, print one line of JSON, end
  --help         this text`;

const MAX_TENANTS = 5000;
const MAX_HISTORY = 10_000_000;

/** Reads the command line after the command. Throws UsageError. */
export function parseStartOptions(args: readonly string[], workingFolder: string): StartOptions {
  const values = read(args);
  if (values.smoke && values['no-traffic']) {
    throw new UsageError('--smoke waits for figures that move, and with --no-traffic none do. Leave one of them away.');
  }
  return {
    help: values.help ?? false,
    smoke: values.smoke ?? false,
    open: !values['no-open'],
    data: fileOption('--data', values.data, workingFolder),
    tenants: wholeNumber('--tenants', values.tenants, MAX_TENANTS),
    history: wholeNumber('--history', values.history, MAX_HISTORY),
    traffic: !values['no-traffic'],
    join: fileOption('--join', values.join, workingFolder),
    role: role(values.as ?? 'operator'),
    exports: fileOption('--exports', values.exports, workingFolder),
  };
}

function read(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        help: { type: 'boolean', short: 'h' },
        smoke: { type: 'boolean' },
        'no-open': { type: 'boolean' },
        data: { type: 'string' },
        tenants: { type: 'string' },
        history: { type: 'string' },
        'no-traffic': { type: 'boolean' },
        join: { type: 'string' },
        as: { type: 'string' },
        exports: { type: 'string' },
      },
    }).values;
  } catch (error) {
    const [sentence = ''] = (error instanceof Error ? error.message : String(error)).split('. ');
    throw new UsageError(`${sentence}. "npm start -- --help" lists the options.`);
  }
}

function fileOption(name: string, value: string | undefined, workingFolder: string): string | undefined {
  return value === undefined ? undefined : path.resolve(workingFolder, nonEmpty(name, value));
}

function nonEmpty(name: string, value: string): string {
  if (value.trim() === '') throw new UsageError(`${name} needs a value.`);
  return value;
}

function wholeNumber(name: string, text: string | undefined, most: number): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (!/^\d+$/.test(text) || number > most) {
    throw new UsageError(`${name} takes a whole number up to ${most}, not "${text}".`);
  }
  return number;
}

function role(text: string): Role {
  const found = ROLES.find((known) => known === text);
  if (!found) throw new UsageError(`--as takes one of ${ROLES.join(', ')}, not "${text}".`);
  return found;
}
