import type { OperatorRole, SessionState } from '../../src-main/contract/session.ts';

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
  return BY_ROLE[operator.role];
}

function both(reason: string): CapPermission {
  return { raise: reason, lower: reason };
}

const BY_ROLE: Record<OperatorRole, CapPermission> = {
  viewer: both('Your role, viewer, can look at caps but not change them.'),
  auditor: both('Your role, auditor, can look at caps but not change them.'),
  account_manager: { raise: 'Account managers lower caps; an operator raises them.', lower: null },
  operator: { raise: null, lower: null },
  admin: { raise: null, lower: null },
};
