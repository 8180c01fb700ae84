import type { OperatorRole, SessionState } from '../../src-main/contract/session.ts';

/** Why the operator can't do that to clients, in a sentence; null: they can, as far as the window knows. The database decides. */
export interface ClientPermission {
  create: string | null;
  suspend: string | null;
  resume: string | null;
}

/** `offline`: why no change can be made now, or null. */
export function clientPermission(operator: SessionState['operator'], offline: string | null): ClientPermission {
  if (operator === null) return all('Nobody is signed in.');
  const allowed = BY_ROLE[operator.role];
  if (offline === null) return allowed;
  const wait = 'No client can be changed until the database is back.';
  return { create: allowed.create ?? wait, suspend: allowed.suspend ?? wait, resume: allowed.resume ?? wait };
}

function all(reason: string): ClientPermission {
  return { create: reason, suspend: reason, resume: reason };
}

const CREATE = 'Admins create clients.';
const STATUS = 'Operators and admins suspend and resume clients.';

const BY_ROLE: Record<OperatorRole, ClientPermission> = {
  viewer: { create: CREATE, suspend: STATUS, resume: STATUS },
  auditor: { create: CREATE, suspend: STATUS, resume: STATUS },
  account_manager: {
    create: CREATE,
    suspend: null,
    resume: 'Account managers suspend clients; an operator resumes them.',
  },
  operator: { create: CREATE, suspend: null, resume: null },
  admin: { create: null, suspend: null, resume: null },
};
