import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findDebianProgram, type DebianProgram, type FindProgramOptions } from '../local/debian-program.ts';
import { startChild } from '../process/child.ts';
import { freePort } from '../process/free-port.ts';

const PGBOUNCER: DebianProgram = {
  title: 'PgBouncer',
  programs: ['pgbouncer'],
  packages: ['pgbouncer'],
  path: 'usr/sbin/pgbouncer',
};

/** A PgBouncer in transaction mode before one database, or why there is none. */
export type PgBouncer =
  | {
      readonly found: true;
      /** The database through it. */
      readonly url: string;
      stop(): Promise<void>;
    }
  | { readonly found: false; readonly reason: string };

export interface PgBouncerOptions extends FindProgramOptions {
  /** Addresses with the other logins and passwords that go through it. */
  readonly logins?: readonly string[];
  /** Settings that a client may ask for at its start and does not get; any other it asks for is refused. */
  readonly ignores?: string;
}

/**
 * Starts one whose clients share `connections` connections to the database, each login its own.
 * @param databaseUrl with the login and password that go through it.
 */
export async function startPgBouncer(
  databaseUrl: string,
  connections: number,
  options: PgBouncerOptions,
): Promise<PgBouncer> {
  const program = await findDebianProgram(PGBOUNCER, options);
  if (!program.found) return program;
  const ignores = options.ignores ?? 'extra_float_digits,statement_timeout,idle_in_transaction_session_timeout';
  const target = new URL(databaseUrl);
  const port = await freePort();
  const folder = mkdtempSync(path.join(tmpdir(), 'tenantdesk-pgbouncer-'));

  const users = path.join(folder, 'users.txt');
  const settings = path.join(folder, 'pgbouncer.ini');
  const passwords = [databaseUrl, ...(options.logins ?? [])].map((address) => {
    const { username, password } = new URL(address);
    return `"${decodeURIComponent(username)}" "${decodeURIComponent(password)}"\n`;
  });
  writeFileSync(users, passwords.join(''), { mode: 0o600 });
  writeFileSync(
    settings,
    `[databases]
* = host=${target.hostname} port=${target.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${users}
pool_mode = transaction
default_pool_size = ${connections}
max_client_conn = 200
ignore_startup_parameters = ${ignores}
`,
  );
  const child = await startChild({
    name: 'PgBouncer',
    command: program.program,
    args: [settings],
    env: program.env,
    stopSignal: 'SIGINT',
    ready: /process up/,
    refusesRoot: true,
  });
  target.hostname = '127.0.0.1';
  target.port = String(port);
  return {
    found: true,
    url: target.href,
    stop: async () => {
      await child.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
