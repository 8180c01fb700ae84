import { OperatorError } from '../operator-error.ts';
import { VaultElsewhere } from './vault-file.ts';

/** What went wrong as it was saved, for the operator. */
export function vaultTrouble(error: unknown): unknown {
  if (error instanceof VaultElsewhere) {
    return new OperatorError(
      'CONFLICT',
      'Another TenantDesk has changed the vault since this one read it, so nothing was saved here. Lock this one and unlock it, then try again.',
      { cause: error },
    );
  }
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return error;
  const why = DISK_TROUBLE[error.code] ?? `the disk says ${error.code}`;
  return new OperatorError(
    'UNAVAILABLE',
    `The vault could not be saved: ${why}. What was in it before is still there.`,
    {
      cause: error,
    },
  );
}

const DISK_TROUBLE: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full; make room and try again',
  EDQUOT: 'this user’s share of the disk is full; make room and try again',
  EROFS: 'its folder can only be read',
  EACCES: 'its folder may not be written by this user',
  EPERM: 'its folder may not be written by this user',
};
