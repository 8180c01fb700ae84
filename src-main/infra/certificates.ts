/** What an operator pasted as certificates and keys, read before anything is done with it. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { TlsTrust } from '../contract/tls.ts';
import { OperatorError } from './operator-error.ts';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;
/** PKCS #8 says so in its name, the older formats in a line of their own. */
const ENCRYPTED_KEY = /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m;

/**
 * Throws OperatorError BAD_REQUEST with what is wrong and what to do. `whose`: "the database", "the gateway". An expired certificate is
 * nothing wrong in itself: the test of the connection says it.
 */
export function refuseBadCertificates(trust: TlsTrust, whose: string): void {
  const { ca, certificate, key } = trust;
  if (ca !== null) readCertificates(ca, `the certificate authority of ${whose}`);
  if (trust.tls === 'verify_ca' && ca === null) {
    refuse(
      `To check the certificate of ${whose} without its name, give the certificate authority too: one that everybody can buy from proves nothing without the name.`,
    );
  }
  if (certificate === null && key === null) return;
  if (certificate === null) refuse(`The client key for ${whose} has no certificate with it. Give both, or none.`);
  const [own] = readCertificates(certificate, `the client certificate for ${whose}`);
  if (key === null) refuse(`The client certificate for ${whose} has no key with it. Give both, or none.`);
  if (ENCRYPTED_KEY.test(key)) {
    refuse(
      `The client key for ${whose} is locked by a passphrase of its own. Save it without one (openssl pkey -in it.key -out open.key): the vault encrypts it.`,
    );
  }
  if (!fits(own, key)) {
    refuse(`The client key for ${whose} is not the one of its certificate, or is no key in PEM form.`);
  }
}

function readCertificates(text: string, what: string): [X509Certificate, ...X509Certificate[]] {
  if (PRIVATE_KEY.test(text)) {
    refuse(
      `What was given as ${what} has a private key in it. Give the certificates alone (-----BEGIN CERTIFICATE-----).`,
    );
  }
  const blocks = text.match(CERTIFICATE) ?? [];
  try {
    const [first, ...others] = blocks.map((block) => new X509Certificate(block));
    if (first) return [first, ...others];
  } catch {
    // Told below.
  }
  return refuse(`What was given as ${what} is no certificate in PEM form: it begins with -----BEGIN CERTIFICATE-----.`);
}

function fits(certificate: X509Certificate, key: string): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

function refuse(sentence: string): never {
  throw new OperatorError('BAD_REQUEST', sentence);
}
