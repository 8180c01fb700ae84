import type { Client } from 'pg';

/**
 * Whether a connection leads through a pooler (PgBouncer and the like): such a one answers in the server's place and makes up the
 * process id that it names at the start.
 */
export async function leadsThroughPooler(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ pid: number }>('select pg_catalog.pg_backend_pid() as pid');
  const told: unknown = Reflect.get(client, 'processID');
  return told !== rows[0]?.pid;
}
