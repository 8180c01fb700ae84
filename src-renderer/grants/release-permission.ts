import type { SessionState } from '../../src-main/contract/session.ts';

/** Why the operator can't release a grant now, in a sentence; null: they can, as far as the window knows. The database decides. */
export function releasePermission(operator: SessionState['operator'], changesOff: string | null): string | null {
  if (changesOff !== null) return 'Nothing can be released until the database is back.';
  if (operator?.role === 'operator' || operator?.role === 'admin') return null;
  return 'An operator or an admin can release it.';
}
