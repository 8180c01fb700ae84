import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import { OperatorError } from '../operator-error.ts';
import type { Found } from '../platform-probe.ts';
import { signIn, type DatabaseTarget } from './probe-database.ts';

/** On a machine with nothing else to do it takes a few ms. */
const PATIENCE_MS = 4_000;

/**
 * Whether what others change is heard at once: something is said on one connection and has to be heard on another, as the console will
 * have them. A pooler in transaction mode passes nothing on. Throws OperatorError with what to enter.
 */
export async function checkChanges(client: Client, target: DatabaseTarget): Promise<Found> {
  const { direct, host } = target;
  const other = await signIn(direct === null ? target : { ...target, ...direct, direct: null });
  try {
    const [speaker, listener] = direct === null ? [other, client] : [client, other];
    if (await heard(speaker, listener)) {
      return direct === null
        ? 'What others change is heard at once.'
        : 'What others change is heard at once, straight from PostgreSQL; all else goes through the pooler.';
    }
  } finally {
    await other.end();
  }
  throw new OperatorError(
    'UNAVAILABLE',
    direct === null
      ? `${host} leads through a pooler (such as PgBouncer in transaction mode), which passes no news on. Enter the address straight to PostgreSQL under "Direct address" as well; all else can go through the pooler.`
      : `What was said at ${host} was not heard at ${direct.host}, port ${direct.port}: that leads through a pooler too, or to another database. Enter the address of PostgreSQL itself.`,
  );
}

async function heard(speaker: Client, listener: Client): Promise<boolean> {
  const word = randomUUID();
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const hear = ({ payload }: { payload?: string }): void => {
    if (payload === word) resolve(true);
  };
  listener.on('notification', hear);
  const timer = setTimeout(() => resolve(false), PATIENCE_MS);
  try {
    await listener.query('listen tenantdesk_trial');
    await speaker.query(`select pg_catalog.pg_notify('tenantdesk_trial', $1)`, [word]);
    return await promise;
  } finally {
    clearTimeout(timer);
    listener.off('notification', hear);
  }
}
