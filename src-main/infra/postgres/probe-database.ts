/** Tries a database as an operator would reach it, one part after the other, and says in a sentence which one fails and why. */
import { connect as connectSocket, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { Client } from 'pg';
import { z } from 'zod';
import { operatorRole } from '../../contract/session.ts';
import { OperatorError } from '../operator-error.ts';
import { connectionOptions } from './connection-options.ts';
import { toOperatorError } from './database-error.ts';
import { refuseUnboundLogin } from './login-check.ts';

export interface DatabaseTarget {
  readonly host: string;
  readonly port: number;
  readonly name: string;
  readonly login: string;
  readonly password: string;
  readonly tls: 'verify' | 'none';
}

const REACH_MS = 3_000;
/** https://www.postgresql.org/docs/18/protocol-message-formats.html: SSLRequest. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

const SOCKET_WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens at this port',
  ENOTFOUND: 'there is no host of this name',
  EAI_AGAIN: 'the name could not be looked up: is there a network?',
  EHOSTUNREACH: 'there is no way to this host',
  ENETUNREACH: 'there is no network to this host',
  ETIMEDOUT: 'no answer came',
};

/** The address with which the console opens this database. */
export function postgresUrlOf({ host, port, name, login, password, tls }: DatabaseTarget): string {
  const at = isIP(host) === 6 ? `[${host}]` : host;
  const parts = [login, password, name].map(encodeURIComponent);
  return `postgres://${parts[0]}:${parts[1]}@${at}:${port}/${parts[2]}${tls === 'verify' ? '?sslmode=verify-full' : ''}`;
}

/** Answers what was found; throws OperatorError. */
export async function reachHost({ host, port }: DatabaseTarget): Promise<string> {
  const socket = await openSocket(host, port);
  socket.destroy();
  return `${host} answers at port ${port}.`;
}

export async function checkTls({ host, port, tls }: DatabaseTarget): Promise<string> {
  if (tls === 'none') return 'Not encrypted: the way does not leave this computer.';
  const socket = await openSocket(host, port);
  try {
    socket.write(SSL_REQUEST);
    const answer = await firstByte(socket);
    if (answer !== 'S') {
      throw new OperatorError(
        'UNAVAILABLE',
        `The server at ${host} offers no encryption. Switch TLS on there; TenantDesk sends no password without it.`,
      );
    }
    const secured = Promise.withResolvers<void>();
    const wrapped = connectTls({ socket, host, ...(isIP(host) === 0 ? { servername: host } : {}) }, secured.resolve);
    wrapped.once('error', secured.reject);
    wrapped.setTimeout(REACH_MS, () => wrapped.destroy(new Error('no answer came')));
    try {
      await secured.promise;
    } catch (error) {
      throw new OperatorError(
        'UNAVAILABLE',
        `The certificate of ${host} is not accepted: ${wordsOf(error)}. Use the name that it was made out to; a certificate authority of your own is named to Node by NODE_EXTRA_CA_CERTS.`,
        { cause: error },
      );
    } finally {
      wrapped.destroy();
    }
    return 'Encrypted; the certificate is that of this host.';
  } finally {
    socket.destroy();
  }
}

/** A connection that has signed in; its last word is `end()`. */
export async function signIn(target: DatabaseTarget): Promise<Client> {
  const client = new Client(connectionOptions(postgresUrlOf(target)));
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    throw signInError(target, error);
  }
}

function signInError({ login, name }: DatabaseTarget, error: unknown): OperatorError {
  const code = z.object({ code: z.string() }).safeParse(error).data?.code ?? '';
  const sentence =
    code === '28P01'
      ? `The password of "${login}" is not accepted, or there is no such login. Ask an admin for a new one.`
      : code.startsWith('28')
        ? `The server does not let "${login}" in from here (pg_hba.conf decides that). Ask an admin.`
        : code === '3D000'
          ? `There is no database "${name}" on this server.`
          : code === '53300'
            ? 'The server has no connection free. Try again shortly.'
            : `Signing in failed: ${wordsOf(error)}.`;
  return new OperatorError('UNAVAILABLE', sentence, { cause: error });
}

export async function checkPowers(client: Client): Promise<string> {
  await refuseUnboundLogin(client);
  return 'The database keeps tenants apart for this login.';
}

/** Functions that this console calls; the newest schema has them all. */
const NEEDED = [
  'whoami',
  'set_cap',
  'explain_refusal',
  'create_tenant',
  'decide_increase',
  'margin_now',
  'my_access_trial',
  'record_audit_export',
];

const missing = z.array(z.object({ name: z.string() }));

export async function checkSchema(client: Client): Promise<string> {
  const { rows } = await asked(() =>
    client.query(
      `select wanted.name from unnest($1::text[]) wanted (name)
        where not exists (select from pg_catalog.pg_proc p
                           where p.proname = wanted.name and p.pronamespace = to_regnamespace('platform'))`,
      [NEEDED],
    ),
  );
  const lacking = missing.parse(rows);
  if (lacking.length === NEEDED.length) {
    throw new OperatorError('UNAVAILABLE', 'This database is no TenantDesk platform. Check the name of the database.');
  }
  if (lacking.length > 0) {
    const names = lacking.map(({ name }) => name).join(', ');
    throw new OperatorError(
      'UNAVAILABLE',
      `The platform is older than this console (it lacks ${names}). An admin brings it up to date with "npm run platform:migrate".`,
    );
  }
  return 'The platform has what this console asks for.';
}

const who = z.array(z.object({ name: z.string(), role: operatorRole }));

export async function checkOperator(client: Client, login: string): Promise<string> {
  const { rows } = await asked(() =>
    client.query('select name, role from platform.whoami() where operator_id is not null'),
  );
  const [me] = who.parse(rows);
  if (!me) {
    throw new OperatorError(
      'FORBIDDEN',
      `The login "${login}" is no operator of this platform, or was disabled. Ask an admin.`,
    );
  }
  return `${me.name}, ${me.role.replace('_', ' ')}.`;
}

const ids = z.array(z.object({ id: z.string() }));

/** The gateways that the database knows. */
export async function knownGateways(client: Client): Promise<string[]> {
  const { rows } = await asked(() => client.query('select id::text from platform.gateways'));
  return ids.parse(rows).map(({ id }) => id);
}

async function asked<T>(question: () => Promise<T>): Promise<T> {
  try {
    return await question();
  } catch (error) {
    throw toOperatorError(error);
  }
}

async function openSocket(host: string, port: number): Promise<Socket> {
  const opened = Promise.withResolvers<void>();
  const socket = connectSocket({ host, port });
  socket.once('connect', () => opened.resolve());
  socket.on('error', opened.reject);
  socket.setTimeout(REACH_MS, () => socket.destroy(new Error('no answer came')));
  try {
    await opened.promise;
    return socket;
  } catch (error) {
    throw new OperatorError('UNAVAILABLE', `${host}, port ${port}, cannot be reached: ${wordsOf(error)}.`, {
      cause: error,
    });
  }
}

async function firstByte(socket: Socket): Promise<string> {
  const answer = Promise.withResolvers<string>();
  socket.once('data', (data: Buffer) => answer.resolve(data.toString('latin1', 0, 1)));
  socket.once('close', () => answer.resolve(''));
  return answer.promise;
}

/** Codes in words, a message as it is, without the full stop. */
export function wordsOf(error: unknown): string {
  const code = z.object({ code: z.string() }).safeParse(error).data?.code ?? '';
  const words =
    SOCKET_WORDS[code] ?? (error instanceof Error && error.message !== '' ? error.message : 'no answer came');
  return words.replace(/\.$/, '');
}
