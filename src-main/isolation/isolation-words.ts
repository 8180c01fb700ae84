import type { IsolationReport, IsolationTrial } from '../contract/isolation.ts';

const ROLES: Readonly<Record<string, string>> = {
  tenant: 'A client’s own programs',
  gateway: 'The AI gateway',
  viewer: 'An operator who may only look',
  account_manager: 'An account manager',
  operator: 'An operator',
  admin: 'An admin',
  auditor: 'An auditor',
  definer: 'The owner of the database’s functions',
};

/** Who tried, for a client: "An account manager, of one client". */
export function trialWords({ role, standing }: Pick<IsolationTrial, 'role' | 'standing'>): string {
  const who = ROLES[role] ?? role;
  if (role === 'tenant') return `${who}, ${standing === 'nobody' ? 'with no client named' : 'for one client'}`;
  if (role === 'gateway' || role === 'definer') return who;
  if (standing === 'nobody') return `${who}’s role, with a login that is no operator`;
  return `${who}, ${standing === 'all' ? 'of all clients' : 'of one client'}`;
}

/** The verdict in one sentence. */
export function verdict({ rules, trials, ok }: IsolationReport): string {
  const broken = rules.filter((rule) => !rule.ok).length;
  const tried = trials.reduce((sum, trial) => sum + trial.tried, 0);
  const wrong = trials.reduce((sum, trial) => sum + trial.findings.length, 0);
  const rulesPart =
    broken === 0 ? `All ${rules.length} rules are kept` : `${broken} of ${rules.length} rules are broken`;
  const triesPart =
    wrong === 0
      ? `none of ${count(tried)} attempts reached a row or a right it must not`
      : `${count(wrong)} of ${count(tried)} attempts went otherwise than written down`;
  return `${ok ? 'Clients are kept apart in this database' : 'Clients may not be kept apart in this database'}. ${rulesPart}; ${triesPart}.`;
}

/** 12,345 in every locale: the page goes to people elsewhere. */
export const count = (value: number): string => value.toLocaleString('en');
