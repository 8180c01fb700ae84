import type { SessionState } from '../../src-main/contract/session.ts';

/** Why the operator can't raise or lower a cap now, in a sentence; null: they can, as far as the window knows. */
export interface CapPermission {
  raise: string | null;
  lower: string | null;
}

/**
 * What the control shows. Only the database decides; this spares the operator a click that it would refuse.
 * `offline`: why no change can be made now, or null.
 */
export function capPermission(operator: SessionState['operator'], offline: string | null): CapPermission {
  if (offline !== null) return both(offline);
  if (operator === null) return both('Nobody is signed in, so caps can’t be changed.');
  switch (operator.role) {
    case 'viewer':
      return both('Your role, viewer, can look at caps but not change them.');
    case 'auditor':
      return both('Your role, auditor, can look at caps but not change them.');
    case 'account_manager':
      return { raise: 'Account managers lower caps; an operator raises them.', lower: null };
    case 'operator':
    case 'admin':
      return { raise: null, lower: null };
  }
}

function both(reason: string): CapPermission {
  return { raise: reason, lower: reason };
}
