import type { OperatorRole, SessionState } from '../../src-main/contract/session.ts';

/** Whose raises may need somebody else's decision: account managers raise nothing, operators up to a limit. Only the database decides. */
const ASKING: ReadonlySet<OperatorRole> = new Set(['account_manager', 'operator']);

/** Is the operator offered to ask for an increase? */
export function mayAsk(operator: SessionState['operator']): boolean {
  return operator !== null && ASKING.has(operator.role);
}
