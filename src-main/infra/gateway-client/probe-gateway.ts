import { Agent, request } from 'undici';
import { OperatorError } from '../operator-error.ts';
import { linesOf } from './lines.ts';
import { liveFrame } from './live-frame.ts';

export interface GatewayTarget {
  readonly url: string;
  readonly token: string;
}

const REACH_MS = 4_000;

/** Any answer of a TenantDesk gateway will do. Answers what was found; throws OperatorError. */
export async function reachGateway({ url }: GatewayTarget): Promise<string> {
  const status = await ask(url, '', async (answer) => answer.statusCode);
  // Without a token the operators' side says 401 and nothing else; 503 is a gateway whose database is away.
  if (status !== 401 && status !== 503) {
    throw new OperatorError('UNAVAILABLE', `What answers at ${url} is no TenantDesk gateway (status ${status}).`);
  }
  return `A gateway answers at ${new URL(url).host}.`;
}

/** The ids of the gateways that the asked one knows, itself among them. Throws OperatorError. */
export async function acceptedGateways({ url, token }: GatewayTarget): Promise<string[]> {
  return ask(url, token, async ({ statusCode, body }) => {
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
      const frame = liveFrame.parse(JSON.parse(line));
      if (frame.type === 'snapshot') return frame.gateways.map(({ id }) => id);
    }
    throw new OperatorError('UNAVAILABLE', 'The gateway ended its live figures before they began. Try again.');
  });
}

async function ask<T>(
  url: string,
  token: string,
  read: (answer: Awaited<ReturnType<typeof request>>) => Promise<T>,
): Promise<T> {
  const agent = new Agent({ connect: { timeout: REACH_MS }, headersTimeout: REACH_MS, bodyTimeout: REACH_MS });
  try {
    const answer = await request(new URL('/admin/v1/live', url), {
      dispatcher: agent,
      headers: token === '' ? {} : { authorization: `Bearer ${token}` },
    });
    answer.body.on('error', () => undefined);
    return await read(answer);
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    const words = error instanceof Error ? error.message.replace(/\.$/, '') : 'no answer came';
    throw new OperatorError('UNAVAILABLE', `No gateway can be reached at ${url}: ${words}.`, { cause: error });
  } finally {
    await agent.destroy();
  }
}
