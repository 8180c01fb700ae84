import { Agent, request } from 'undici';
import type { TlsTrust } from '../../contract/tls.ts';
import { OperatorError } from '../operator-error.ts';
import { openSocket, wordsOf } from '../open-socket.ts';
import type { Found } from '../platform-probe.ts';
import { proveServer } from '../prove-server.ts';
import { tlsSentence } from '../tls-connection.ts';
import { gatewayTls } from './gateway-tls.ts';
import { linesOf } from './lines.ts';
import { readLiveFrame } from './live-frame.ts';

export interface GatewayTarget extends TlsTrust {
  readonly url: string;
  readonly token: string;
}

const REACH_MS = 4_000;

/** Any answer of a TenantDesk gateway will do. Answers what was found; throws OperatorError. */
export async function reachGateway(target: GatewayTarget): Promise<Found> {
  const { url } = target;
  const proved = await proveGateway(target);
  const status = await ask(target, '', async (answer) => answer.statusCode);
  // Without a token the operators' side says 401 and nothing else; 503 is a gateway whose database is away.
  if (status !== 401 && status !== 503) {
    // nginx says 400 (or, inside, 495 and 496) where it wants a client certificate.
    const card = target.certificate === null && [400, 495, 496].includes(status) ? ` ${MAY_WANT_CERTIFICATE}` : '';
    throw new OperatorError(
      'UNAVAILABLE',
      `What answers at ${url} is no TenantDesk gateway (status ${status}).${card}`,
    );
  }
  const answers = `A gateway answers at ${new URL(url).host}.`;
  return typeof proved === 'string' ? `${answers} ${proved}` : { warning: `${answers} ${proved.warning}` };
}

/** Before a word is said to it. */
async function proveGateway({ url, ...trust }: GatewayTarget): Promise<Found> {
  const { protocol, hostname, port } = new URL(url);
  if (protocol !== 'https:') return 'Not encrypted: the way does not leave this computer.';
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const socket = await openSocket(host, port === '' ? 443 : Number(port), REACH_MS);
  try {
    return await proveServer(socket, host, trust, REACH_MS);
  } finally {
    socket.destroy();
  }
}

/** The ids of the gateways that the asked one knows, itself among them. Throws OperatorError. */
export async function acceptedGateways(target: GatewayTarget): Promise<string[]> {
  return ask(target, target.token, async ({ statusCode, body }) => {
    if (statusCode === 401 || statusCode === 403) {
      throw new OperatorError('FORBIDDEN', 'The gateway does not accept this token. Ask an admin for a new one.');
    }
    if (statusCode === 503) {
      throw new OperatorError(
        'UNAVAILABLE',
        'The gateway cannot check the token now: its database is away. Try again.',
      );
    }
    if (statusCode !== 200) {
      throw new OperatorError('UNAVAILABLE', `The gateway answered with status ${statusCode}.`);
    }
    for await (const line of linesOf(body)) {
      const frame = readLiveFrame(line);
      if (frame.type === 'snapshot') return frame.gateways.map(({ id }) => id);
    }
    throw new OperatorError('UNAVAILABLE', 'The gateway ended its live figures before they began. Try again.');
  });
}

async function ask<T>(
  target: GatewayTarget,
  token: string,
  read: (answer: Awaited<ReturnType<typeof request>>) => Promise<T>,
): Promise<T> {
  const { url } = target;
  const agent = new Agent({
    connect: { timeout: REACH_MS, ...gatewayTls(url, target) },
    headersTimeout: REACH_MS,
    bodyTimeout: REACH_MS,
  });
  try {
    const answer = await request(new URL('/admin/v1/live', url), {
      dispatcher: agent,
      headers: token === '' ? {} : { authorization: `Bearer ${token}` },
    });
    answer.body.on('error', () => undefined);
    return await read(answer);
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    const untrusted = tlsSentence(error, new URL(url).host, target);
    throw new OperatorError('UNAVAILABLE', untrusted ?? unreached(target, error), { cause: error });
  } finally {
    await agent.destroy();
  }
}

const MAY_WANT_CERTIFICATE = 'It may let nobody in without a client certificate: ask whoever runs it.';

/** A server may end the connection before its reason is heard. */
function unreached({ url, certificate }: GatewayTarget, error: unknown): string {
  const words = wordsOf(error);
  const said = `No gateway can be reached at ${url}: ${words}.`;
  if (!url.startsWith('https:') || !/other side closed|broke the connection off/.test(words)) return said;
  return `${said} ${certificate === null ? MAY_WANT_CERTIFICATE : 'It may not accept the client certificate: ask whoever runs it.'}`;
}
