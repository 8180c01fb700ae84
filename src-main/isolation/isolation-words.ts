import type { IsolationReport, IsolationTrial } from '../contract/isolation.ts';

type Trial = Omit<IsolationTrial, 'who'>;

/** What a check found, before it is judged and put into words. */
export interface IsolationFacts extends Omit<IsolationReport, 'ok' | 'verdict' | 'trials'> {
  readonly trials: readonly Trial[];
}

/** The result: a warning does not spoil it, a broken rule or an attempt that went otherwise than written down does. */
export function isolationReport(facts: IsolationFacts): IsolationReport {
  const ok =
    facts.rules.every((rule) => rule.ok || rule.level === 'warning') &&
    facts.trials.every(({ findings }) => findings.length === 0);
  const trials = facts.trials.map((trial) => ({
    role: trial.role,
    standing: trial.standing,
    who: who(trial),
    tried: trial.tried,
    refused: trial.refused,
    findings: trial.findings,
  }));
  return { ...facts, ok, verdict: verdict(facts, ok), trials };
}

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

/** For a client: "An account manager, of single clients". */
function who({ role, standing }: Trial): string {
  const name = ROLES[role] ?? role;
  if (role === 'tenant') return `${name}, ${standing === 'nobody' ? 'with no client named' : 'for one client'}`;
  if (role === 'gateway' || role === 'definer') return name;
  if (standing === 'nobody') return `${name}’s role, with a login that is no operator`;
  return `${name}, ${standing === 'all' ? 'of all clients' : 'of single clients'}`;
}

function verdict({ rules, trials }: IsolationFacts, ok: boolean): string {
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
