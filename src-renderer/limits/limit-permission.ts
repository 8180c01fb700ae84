import type { SessionState } from '../../src-main/contract/session.ts';

/** Why the operator can't add a cap, take one away, set a quota or models, in a sentence; null: they can, as far as the window knows. The database decides. */
export interface LimitPermission {
  add: string | null;
  remove: string | null;
  quotas: string | null;
  /** Which models: those that may be asked for, and the cheaper ones. */
  models: string | null;
}

const ADMINS_ALONE = 'Admins set which models a client gets.';

export function limitPermission(operator: SessionState['operator'], changesOff: string | null): LimitPermission {
  if (operator === null) return all('Nobody is signed in.');
  if (operator.role === 'viewer' || operator.role === 'auditor') {
    return all(`Your role, ${operator.role}, looks at limits and changes none.`);
  }
  if (changesOff !== null) return all(changesOff);
  if (operator.role === 'account_manager') {
    return {
      add: null,
      remove: 'To take a cap away is to raise it: operators and admins do that.',
      quotas: 'Operators and admins set quotas.',
      models: ADMINS_ALONE,
    };
  }
  return { add: null, remove: null, quotas: null, models: operator.role === 'admin' ? null : ADMINS_ALONE };
}

function all(reason: string): LimitPermission {
  return { add: reason, remove: reason, quotas: reason, models: reason };
}
