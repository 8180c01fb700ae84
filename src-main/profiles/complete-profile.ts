import { isDeepStrictEqual } from 'node:util';
import type { ProfileInput, ProfileTarget } from '../contract/profiles.ts';
import type { TlsTrust } from '../contract/tls.ts';
import { OperatorError } from '../infra/operator-error.ts';

/**
 * The connection with its secrets: those that were entered, else those it had before. A kept password or token goes only where it went
 * before, proved as it was before: else a window in wrong hands could send it elsewhere. Throws OperatorError with what to enter.
 */
export function completeProfile({ of: _of, ...input }: ProfileInput, before: ProfileTarget | null): ProfileTarget {
  const { database, gateway } = input;
  return {
    ...input,
    database: {
      ...database,
      key: keyOf(database, before?.database),
      password: database.password ?? keptPassword(database, before),
    },
    gateway: {
      ...gateway,
      key: keyOf(gateway, before?.gateway),
      token: gateway.token ?? keptToken(gateway, before),
    },
  };
}

/** A key proves who we are and is never sent: it stays with its certificate. */
function keyOf({ key, certificate }: TlsTrust, before: TlsTrust | undefined): string | null {
  return key ?? (certificate !== null && certificate === before?.certificate ? before.key : null);
}

function keptPassword({ host, port, direct, login, ...way }: ProfileInput['database'], before: ProfileTarget | null) {
  if (before === null) throw missing('Enter the password of the login.');
  const { database: had } = before;
  const same =
    isDeepStrictEqual([host, port, direct, login], [had.host, had.port, had.direct, had.login]) &&
    isDeepStrictEqual(proofOf(way), proofOf(had));
  if (!same) throw missing(`Enter the password again: ${ELSEWHERE} of the database.`);
  return had.password;
}

function keptToken({ url, ...way }: ProfileInput['gateway'], before: ProfileTarget | null) {
  if (before === null) throw missing('Enter your gateway token.');
  const { gateway: had } = before;
  if (url !== had.url || !isDeepStrictEqual(proofOf(way), proofOf(had))) {
    throw missing(`Enter the token again: ${ELSEWHERE} of the gateway.`);
  }
  return had.token;
}

const ELSEWHERE =
  'the kept one goes only to the address, and with the checks, it was entered for, and you changed those';

const proofOf = ({ tls, ca, serverName }: Pick<TlsTrust, 'tls' | 'ca' | 'serverName'>): unknown => [
  tls,
  ca,
  serverName,
];
const missing = (sentence: string): OperatorError => new OperatorError('BAD_REQUEST', sentence);
