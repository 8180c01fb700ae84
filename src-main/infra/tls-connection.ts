import { isIP, type Socket } from 'node:net';
import { checkServerIdentity, connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { z } from 'zod';
import type { TlsTrust } from '../contract/tls.ts';

/** As Node's `tls.connect` takes it. A fresh object each time: `pg` hides the key in the one it gets. */
export function tlsOptions(trust: TlsTrust, host: string): ConnectionOptions {
  const { tls, ca, serverName, certificate, key } = trust;
  return {
    ...(ca === null ? {} : { ca }),
    ...(certificate === null || key === null ? {} : { cert: certificate, key }),
    minVersion: 'TLSv1.2',
    rejectUnauthorized: tls !== 'encrypt',
    checkServerIdentity: (_host, presented) =>
      tls === 'verify' ? checkServerIdentity(serverName ?? host, presented) : undefined,
  };
}

/** What was seen of a server's certificate, and why it is not accepted (Node's code); null: it is. */
export interface SeenCertificate {
  readonly problem: string | null;
  /** What it is made out to: names and addresses. */
  readonly names: string;
  readonly issuer: string;
  readonly validFrom: string;
  readonly validTo: string;
}

/** Shakes hands on `socket` and says nothing else. Rejects when no TLS came about at all. `patienceMs`: of silence. */
export async function lookAtCertificate(
  socket: Socket,
  host: string,
  trust: TlsTrust,
  patienceMs: number,
): Promise<SeenCertificate> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const wrapped = connect(
    {
      socket,
      host,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ...tlsOptions(trust, host),
      // Looked at below, with the certificate at hand for the sentence; nothing is sent until then.
      rejectUnauthorized: false,
    },
    resolve,
  );
  wrapped.once('error', reject);
  wrapped.once('close', () => reject(new Error('it ended the connection')));
  wrapped.setTimeout(patienceMs, () => wrapped.destroy(new Error('no answer came')));
  try {
    await promise;
    return seenOn(wrapped, trust);
  } finally {
    wrapped.on('error', () => undefined).destroy();
  }
}

function seenOn(socket: TLSSocket, trust: TlsTrust): SeenCertificate {
  const { subjectaltname, subject, issuer, valid_from: validFrom, valid_to: validTo } = socket.getPeerCertificate();
  return {
    // Declared as an Error; it is the code.
    problem: socket.authorized || trust.tls === 'encrypt' ? null : `${socket.authorizationError}`,
    names: namesOf(subjectaltname) ?? oneOf(subject?.CN) ?? 'nobody',
    issuer: oneOf(issuer?.CN) ?? oneOf(issuer?.O) ?? 'an authority without a name',
    validFrom,
    validTo,
  };
}

function namesOf(subjectAltName: string | undefined): string | undefined {
  return subjectAltName?.replace(/(DNS|IP Address):/g, '');
}
/** A field that a certificate may have more than once. */
function oneOf(field: string | string[] | undefined): string | undefined {
  return Array.isArray(field) ? field.join(', ') : field;
}

const UNKNOWN_AUTHORITY =
  /^(SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT(_LOCALLY)?|CERT_SIGNATURE_FAILURE|INVALID_CA|CERT_UNTRUSTED)$/;
const OWN_REFUSED =
  /ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_UNKNOWN|CERTIFICATE_REVOKED|ACCESS_DENIED|DECRYPT_ERROR)/;

/**
 * Why a TLS connection did not come about, and what to do; null: it is another error. `host`: the server's, as the operator knows it.
 * `seen`: its certificate, where it was looked at.
 */
export function tlsSentence(
  error: unknown,
  host: string,
  trust: TlsTrust | null,
  seen?: SeenCertificate,
): string | null {
  const code = z.object({ code: z.string() }).safeParse(error).data?.code ?? '';
  if (UNKNOWN_AUTHORITY.test(code)) {
    const who = seen ? `"${seen.issuer}"` : 'an authority';
    return trust?.ca
      ? `The certificate of ${host} was issued by ${who}, which is not the certificate authority that was given. Ask whoever runs the server for the right one.`
      : `The certificate of ${host} was issued by ${who} that this computer does not know. If it is your own authority, give its certificate under "Certificate authority".`;
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const names = seen ? ` It is made out to ${seen.names}: connect by that name, or enter it as server name.` : '';
    return `The certificate of ${host} is not made out to ${trust?.serverName ?? 'this name'}.${names}`;
  }
  if (code === 'CERT_HAS_EXPIRED') {
    const since = seen ? ` on ${seen.validTo}` : '';
    return `The certificate of ${host}, or of its authority, has expired (the server's${since}). Whoever runs the server has to renew it.`;
  }
  if (code === 'CERT_NOT_YET_VALID') {
    const from = seen ? ` It begins on ${seen.validFrom}.` : '';
    return `The certificate of ${host} is not valid yet.${from} Is the clock of this computer right?`;
  }
  if (/ALERT_CERTIFICATE_REQUIRED|ALERT_HANDSHAKE_FAILURE/.test(code)) {
    return trust?.certificate
      ? `${host} does not accept the client certificate that was given. Ask whoever runs it for another.`
      : `${host} lets nobody in without a client certificate. Ask whoever runs it for one, and give it with its key under "Client certificate".`;
  }
  if (/ALERT_CERTIFICATE_EXPIRED/.test(code)) {
    return `${host} does not accept the client certificate: it has expired. Ask for a new one and enter it.`;
  }
  if (OWN_REFUSED.test(code)) {
    return `${host} does not accept the client certificate: it was issued by another authority, or withdrawn. Ask whoever runs the server for the right one.`;
  }
  if (/^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST)$|^EPROTO$/.test(code)) {
    return `What answers at ${host} does not speak TLS at this port. Check the port.`;
  }
  if (/^ERR_SSL_|^CERT_|^ERR_TLS_|_PROTOCOL$/.test(code)) {
    const detail = error instanceof Error && error.message !== '' ? error.message : code;
    return `No encrypted connection to ${host} came about: ${detail.replace(/\.$/, '')}.`;
  }
  return null;
}
