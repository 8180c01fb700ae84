import type { OperatorRole } from '../../src-main/contract/session.ts';

/** Why this operator can't say that they have seen to an alert; null: they can, as far as the window knows. The database decides. */
export function alertPermission(role: OperatorRole | null, changesOff: string | null): string | null {
  if (role === null) return 'Nobody is signed in.';
  if (role === 'viewer' || role === 'auditor') return `Your role, ${role}, reads alerts; others see to them.`;
  return changesOff;
}
