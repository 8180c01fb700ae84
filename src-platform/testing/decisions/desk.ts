import type { Person } from './command.ts';

/*
 * What deciding about one cap must come to, written once more, small: limit, overrides, requests, waiting raises, each person's 24 hours,
 * the number of audit entries. Amounts in whole USD.
 */

/** What the database must answer: an error, or these fields of its answer and the things it names, by their places on the desk. */
export type Outcome =
  | { readonly error: string }
  | {
      readonly error?: undefined;
      readonly fields: Readonly<Record<string, string | number | boolean>>;
      readonly raise?: number;
      readonly request?: number;
      readonly override?: number;
    };

export type Made = Exclude<Outcome, { readonly error: string }>;

export interface Change {
  readonly version: number;
  readonly kind: 'raise' | 'lower' | 'undo' | 'override' | 'override_removed';
  readonly from: number;
  readonly more: number;
  readonly by: Person;
  readonly second?: Person | undefined;
  old: boolean;
}

interface Override {
  id: string;
  readonly amount: number;
  readonly by: Person;
  readonly second?: Person | undefined;
  removed: boolean;
  old: boolean;
}

export interface Raise {
  id: string;
  readonly by: Person;
  readonly kind: 'cap' | 'override' | 'request';
  readonly amount: number;
  readonly version: number;
  readonly request?: number | undefined;
  state: string;
  expired: boolean;
}

export interface Request {
  id: string;
  readonly by: Person;
  amount: number;
  reason: string;
  version: number;
  status: string;
  changed: number;
  expired: boolean;
}

/** Plain data: copied before a command is tried on it. */
export interface Desk {
  limit: number;
  version: number;
  audit: number;
  trusted: boolean;
  readonly changes: Change[];
  readonly overrides: Override[];
  readonly raises: Raise[];
  readonly requests: Request[];
  /** By person and key: what was asked, and its first answer. */
  readonly answers: Record<string, { readonly asked: string; readonly outcome: Outcome }>;
}

export const newDesk = (limit: number): Desk => ({
  limit,
  version: 1,
  audit: 0,
  trusted: false,
  changes: [],
  overrides: [],
  raises: [],
  requests: [],
  answers: {},
});

export const inForce = (desk: Desk): number =>
  desk.overrides.reduce((sum, { amount, removed }) => (removed ? sum : sum + amount), desk.limit);

/** What the person raised in 24 hours: undone raises don't count, removed overrides do, and so do those of others that they confirmed. */
export function raisedBy(desk: Desk, who: Person): number {
  const mine = ({ by, second, old }: Pick<Change, 'by' | 'second' | 'old'>): boolean =>
    !old && (by === who || second === who);
  const undone = new Set(desk.changes.filter(({ kind }) => kind === 'undo').map(({ version }) => version - 1));
  return [
    ...desk.changes.filter((change) => change.kind === 'raise' && mine(change) && !undone.has(change.version)),
    ...desk.overrides.filter(mine).map(({ amount }) => ({ more: amount })),
  ].reduce((sum, { more }) => sum + more, 0);
}
