/** Tries a database as an operator would reach it, one part after the other, and says in a sentence which one fails and why. */
import { isIP, type Socket } from 'node:net';
import { Client } from 'pg';
import { z } from 'zod';
import { operatorRole } from '../../contract/session.ts';
import type { TlsTrust } from '../../contract/tls.ts';
import { openSocket, wordsOf } from '../open-socket.ts';
import { OperatorError } from '../operator-error.ts';
import type { Found, KnownGateway } from '../platform-probe.ts';
import { schemaSkew } from '../platform-skew.ts';
import { proveServer } from '../prove-server.ts';
import { tlsSentence } from '../tls-connection.ts';
import { connectionOptions } from './connection-options.ts';
import { toOperatorError } from './database-error.ts';
import { refuseUnboundLogin } from './login-check.ts';

export interface DatabaseTarget extends TlsTrust {
  readonly host: string;
  readonly port: number;
  readonly name: string;
  readonly login: string;
  readonly password: string;
  /** Present where `host` leads through a pooler in transaction mode. */
  readonly direct: { readonly host: string; readonly port: number } | null;
}

/** Of PostgreSQL; its texts are in the server's language, so they refine a sentence and decide nothing. */
const serverError = z.object({ code: z.string(), message: z.string() });
const REACH_MS = 3_000;
/** https://www.postgresql.org/docs/18/protocol-message-formats.html: SSLRequest. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/** The address with which the console opens this database; how it is encrypted is no part of it. */
export function postgresUrlOf({
  host,
  port,
  name,
  login,
  password,
}: Omit<DatabaseTarget, 'direct' | keyof TlsTrust>): string {
  const at = isIP(host) === 6 ? `[${host}]` : host;
  const parts = [login, password, name].map(encodeURIComponent);
  return `postgres://${parts[0]}:${parts[1]}@${at}:${port}/${parts[2]}`;
}

/** Answers what was found; throws OperatorError. */
export async function reachHost({ host, port }: DatabaseTarget): Promise<string> {
  const socket = await openSocket(host, port, REACH_MS);
  socket.destroy();
  return `${host} answers at port ${port}.`;
}

export async function checkTls(target: DatabaseTarget): Promise<Found> {
  const { host, port, tls } = target;
  if (tls === 'none') return 'Not encrypted: the way does not leave this computer.';
  const socket = await openSocket(host, port, REACH_MS);
  try {
    socket.write(SSL_REQUEST);
    const answer = await firstByte(socket);
    if (answer !== 'S') {
      throw new OperatorError(
        'UNAVAILABLE',
        `The server at ${host} offers no encryption. Switch TLS on there; TenantDesk sends no password without it.`,
      );
    }
    return await proveServer(socket, host, target, REACH_MS);
  } finally {
    socket.destroy();
  }
}

/** A connection that has signed in; its last word is `end()`. */
export async function signIn(target: DatabaseTarget): Promise<Client> {
  const client = new Client(connectionOptions(postgresUrlOf(target), { tls: target, pooled: target.direct !== null }));
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    throw signInError(target, error);
  }
}

function signInError(target: DatabaseTarget, error: unknown): OperatorError {
  const { login, name, certificate } = target;
  const { code, message } = serverError.safeParse(error).data ?? { code: '', message: '' };
  const sentence =
    code === '28P01' && certificate !== null
      ? `The password of "${login}" is not accepted, there is no such login, or the client certificate is not made out to it. Ask an admin.`
      : code === '28P01'
        ? `The password of "${login}" is not accepted, or there is no such login. Ask an admin for a new one.`
        : code === '28000' && certificate === null && message.includes('client certificate')
          ? `The server lets "${login}" in with a client certificate only. Ask an admin for one, and give it with its key under "Client certificate".`
          : code === '28000' && certificate !== null && message.includes('certificate')
            ? `The client certificate is not one for "${login}". Ask an admin for a certificate that is made out to this login.`
            : code.startsWith('28')
              ? `The server does not let "${login}" in from here (pg_hba.conf decides that). Ask an admin.`
              : code === '3D000'
                ? `There is no database "${name}" on this server.`
                : /unsupported startup parameter/.test(message)
                  ? `A pooler such as PgBouncer stands at ${target.host}. Enter the address straight to PostgreSQL under "Direct address" as well: news of changes needs it.`
                  : code === '53300'
                    ? 'The server has no connection free. Try again shortly.'
                    : (tlsSentence(error, target.host, target) ?? brokenOff(target, error));
  return new OperatorError('UNAVAILABLE', sentence, { cause: error });
}

/** A server that refuses a client certificate may end the connection before its reason is heard. */
function brokenOff({ host, certificate }: DatabaseTarget, error: unknown): string {
  const words = wordsOf(error);
  const ended = /terminated|broke the connection off/.test(words);
  return ended && certificate !== null
    ? `${host} ended the connection without a word: it may not accept the client certificate (expired, or of another authority). Its log says why.`
    : `Signing in failed: ${words}.`;
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

const newest = z.tuple([z.object({ newest: z.string().nullable() })]);

/** `own`: the last migration that this program knows; null: unknown. */
export async function checkSchema(client: Client, own: string | null): Promise<Found> {
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
  const versions = await asked(() => client.query('select max(name) as newest from platform.schema_migrations'));
  const skew = schemaSkew(own, newest.parse(versions.rows)[0].newest);
  return skew === null ? 'The platform has what this console asks for.' : { warning: skew };
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

const gateways = z.array(z.object({ id: z.string(), name: z.string(), version: z.string() }));

/** The gateways that the database knows. */
export async function knownGateways(client: Client): Promise<KnownGateway[]> {
  const { rows } = await asked(() => client.query('select id::text, name, version from platform.gateways'));
  return gateways.parse(rows);
}

async function asked<T>(question: () => Promise<T>): Promise<T> {
  try {
    return await question();
  } catch (error) {
    throw toOperatorError(error);
  }
}

async function firstByte(socket: Socket): Promise<string> {
  const answer = Promise.withResolvers<string>();
  socket.once('data', (data: Buffer) => answer.resolve(data.toString('latin1', 0, 1)));
  socket.once('close', () => answer.resolve(''));
  return answer.promise;
}
