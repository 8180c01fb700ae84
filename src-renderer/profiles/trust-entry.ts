import type { TlsMode, TlsTrust } from '../../src-main/contract/tls.ts';

/** What stands in the fields on how a server has to prove itself. */
export interface TrustEntry {
  tls: TlsMode;
  ca: string;
  serverName: string;
  certificate: string;
  key: string;
  /** The weaker way was ticked. */
  accepted: boolean;
}

export const FIRST_TRUST: TrustEntry = {
  tls: 'verify',
  ca: '',
  serverName: '',
  certificate: '',
  key: '',
  accepted: false,
};

/** As it is kept, or as a file has it. */
export function trustEntryOf(
  { tls, ca, serverName, certificate }: Omit<TlsTrust, 'key'>,
  accepted: boolean,
): TrustEntry {
  return { tls, ca: ca ?? '', serverName: serverName ?? '', certificate: certificate ?? '', key: '', accepted };
}

/** What a way leaves unchecked, in a sentence; null: nothing, or nothing crosses a network. */
export const WEAKNESS: Record<TlsMode, string | null> = {
  verify: null,
  verify_ca:
    'Any server with a certificate of your authority is believed to be this one. Whoever has such a certificate can read and change what you do.',
  encrypt:
    'Whoever answers is believed. Somebody between you and the server can read the password, every figure, and change what you do.',
  none: null,
};

/** Why it can't be taken as it stands; null: it can. */
export function trustProblem({ tls, accepted }: TrustEntry): string | null {
  return WEAKNESS[tls] !== null && !accepted ? 'Tick that you know it, or choose the checked way.' : null;
}

export function readTrust<Mode extends TlsMode>(
  { ca, serverName, certificate, key }: TrustEntry,
  tls: Mode,
): TlsTrust & { tls: Mode } {
  const orNull = (text: string): string | null => (text.trim() === '' ? null : text.trim());
  return {
    tls,
    ca: orNull(ca),
    serverName: orNull(serverName),
    certificate: orNull(certificate),
    key: orNull(key),
  };
}
