import type { SessionState } from '../../src-main/contract/session.ts';

/**
 * Why the operator can't read the audit log, in a sentence; null: they can, as far as the window knows. Only the
 * database decides; this spares the operator a way that leads to its refusal.
 */
export function auditPermission(operator: SessionState['operator']): string | null {
  return operator?.role === 'viewer'
    ? 'Your role, viewer, sees clients, caps and usage, but not who changed what. Ask an admin for another role.'
    : null;
}
