/** A person of the pretend agency, with a database login of the same name. */
export interface LocalOperator {
  readonly login: string;
  readonly name: string;
  readonly role: 'viewer' | 'account_manager' | 'operator' | 'admin' | 'auditor';
  /** Gross raises in 24 hours without a second person, nano-USD; null: any (admin) or none (those who may not raise). */
  readonly raiseLimitNanoUsd: bigint | null;
  /** Slugs of the tenants an account manager looks after; undefined: all tenants. */
  readonly tenants?: readonly string[];
}

/** One of each role; the operator comes first, for the console signs in as them. */
export const LOCAL_OPERATORS: readonly LocalOperator[] = [
  { login: 'priya', name: 'Priya Sharma', role: 'operator', raiseLimitNanoUsd: 500_000_000_000n },
  { login: 'arjun', name: 'Arjun Mehta', role: 'admin', raiseLimitNanoUsd: null },
  {
    login: 'manoj',
    name: 'Manoj Pillai',
    role: 'account_manager',
    raiseLimitNanoUsd: null,
    tenants: ['salon-a', 'clinic-b', 'lotus-stay', 'vidya-tutors'],
  },
  { login: 'vera', name: 'Vera Nair', role: 'viewer', raiseLimitNanoUsd: null },
  { login: 'farah', name: 'Farah Khan', role: 'auditor', raiseLimitNanoUsd: null },
];

/** The operator in whose name the platform itself changes caps. */
export const LOCAL_ADMIN = 'arjun';
