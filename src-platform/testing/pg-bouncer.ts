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

/**
 * Starts one whose clients share `connections` connections to the database.
 * @param databaseUrl with the login and password that go through it.
 */
export async function startPgBouncer(
  databaseUrl: string,
  connections: number,
  options: FindProgramOptions,
): Promise<PgBouncer> {
  const program = await findDebianProgram(PGBOUNCER, options);
  if (!program.found) return program;
  const target = new URL(databaseUrl);
  const port = await freePort();
  const folder = mkdtempSync(path.join(tmpdir(), 'tenantdesk-pgbouncer-'));

  const users = path.join(folder, 'users.txt');
  const settings = path.join(folder, 'pgbouncer.ini');
  writeFileSync(users, `"${decodeURIComponent(target.username)}" "${decodeURIComponent(target.password)}"\n`, {
    mode: 0o600,
  });
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
ignore_startup_parameters = extra_float_digits,statement_timeout,idle_in_transaction_session_timeout
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
