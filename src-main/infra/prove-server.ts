import type { Socket } from 'node:net';
import type { TlsTrust } from '../contract/tls.ts';
import { OperatorError } from './operator-error.ts';
import { wordsOf } from './open-socket.ts';
import type { Found } from './platform-probe.ts';
import { lookAtCertificate, tlsSentence, type SeenCertificate } from './tls-connection.ts';

/** Whether the server at the other end of `socket` proves itself as far as it has to. Throws OperatorError with why not. */
export async function proveServer(socket: Socket, host: string, trust: TlsTrust, patienceMs: number): Promise<Found> {
  let seen: SeenCertificate;
  try {
    seen = await lookAtCertificate(socket, host, trust, patienceMs);
  } catch (error) {
    const sentence = tlsSentence(error, host, trust) ?? `No encrypted connection to ${host}: ${wordsOf(error)}.`;
    throw new OperatorError('UNAVAILABLE', sentence, { cause: error });
  }
  if (seen.problem !== null) {
    const sentence = tlsSentence({ code: seen.problem }, host, trust, seen);
    throw new OperatorError(
      'UNAVAILABLE',
      sentence ?? `The certificate of ${host} is not accepted (${seen.problem}). Ask whoever runs the server.`,
    );
  }
  return told(host, trust, seen);
}

function told(host: string, { tls, serverName }: TlsTrust, { names, validTo }: SeenCertificate): Found {
  if (tls === 'verify') {
    return `Encrypted; the certificate is that of ${serverName ?? host}, valid until ${validTo}.`;
  }
  return {
    warning:
      tls === 'verify_ca'
        ? `Encrypted, and the certificate is of your authority; that it is this server’s (it says ${names}) was not checked.`
        : 'Encrypted, but whoever answers is believed: somebody in between could read the password.',
  };
}
