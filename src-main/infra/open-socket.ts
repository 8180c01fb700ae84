import { connect, type Socket } from 'node:net';
import { z } from 'zod';
import { OperatorError } from './operator-error.ts';

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens at this port',
  ENOTFOUND: 'there is no host of this name',
  EAI_AGAIN: 'the name could not be looked up: is there a network?',
  EHOSTUNREACH: 'there is no way to this host',
  ENETUNREACH: 'there is no network to this host',
  ETIMEDOUT: 'no answer came',
  UND_ERR_CONNECT_TIMEOUT: 'no answer came',
  UND_ERR_HEADERS_TIMEOUT: 'it took the question and gave no answer',
  UND_ERR_BODY_TIMEOUT: 'its answer stopped half-way',
  ECONNRESET: 'it broke the connection off',
};

/** Throws OperatorError with why it could not be reached. `patienceMs`: of silence, also later on. */
export async function openSocket(host: string, port: number, patienceMs: number): Promise<Socket> {
  const opened = Promise.withResolvers<void>();
  const socket = connect({ host, port });
  socket.once('connect', () => opened.resolve());
  socket.on('error', opened.reject);
  socket.setTimeout(patienceMs, () => socket.destroy(new Error('no answer came')));
  try {
    await opened.promise;
    return socket;
  } catch (error) {
    throw new OperatorError('UNAVAILABLE', `${host}, port ${port}, cannot be reached: ${wordsOf(error)}.`, {
      cause: error,
    });
  }
}

/** Codes in words, a message as it is, without the full stop. */
export function wordsOf(error: unknown): string {
  const code = z.object({ code: z.string() }).safeParse(error).data?.code ?? '';
  const words = WORDS[code] ?? (error instanceof Error && error.message !== '' ? error.message : 'no answer came');
  return words.replace(/\.$/, '');
}
