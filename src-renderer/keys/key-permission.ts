import type { SessionState } from '../../src-main/contract/session.ts';

/** Why the operator can't see keys, or change them, in a sentence; null: they can, as far as the window knows. The database decides. */
export interface KeyPermission {
  see: string | null;
  change: string | null;
}

export function keyPermission(operator: SessionState['operator'], changesOff: string | null): KeyPermission {
  if (operator === null) return { see: 'Nobody is signed in.', change: 'Nobody is signed in.' };
  if (operator.role === 'viewer') {
    const reason = 'Your role, viewer, sees usage and caps, not keys.';
    return { see: reason, change: reason };
  }
  if (operator.role === 'account_manager' || operator.role === 'auditor') {
    return { see: null, change: 'Operators and admins issue, rotate and revoke keys.' };
  }
  return { see: null, change: changesOff === null ? null : 'No key can be changed until the database is back.' };
}
