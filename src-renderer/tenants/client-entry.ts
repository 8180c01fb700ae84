import type { BoardRow } from '../../src-main/contract/board.ts';
import type { CreateTenantInput, TenantChoices } from '../../src-main/contract/tenants.ts';
import { nameProblem, SLUG } from '../../src-main/contract/names.ts';
import { formatUsd } from '../ui/format-usd.ts';
import { parseUsd } from '../ui/parse-usd.ts';

/** A new client as it stands in the form. */
export interface ClientEntry {
  name: string;
  slug: string;
  currency: string;
  timeZone: string;
  plan: string;
  capUsd: string;
  thresholds: string;
  keyName: string;
}

export type ClientProblems = Partial<Record<keyof ClientEntry, string>>;

export type ReadClient =
  { ok: true; client: Omit<CreateTenantInput, 'idempotencyKey'> } | { ok: false; problems: ClientProblems };

/** The most the platform takes for a cap: 9 million USD a period (`MAX_CAP_NANO_USD` of the contract). */
const MOST_NANO_USD = 9_000_000_000_000_000n;
const MOST_THRESHOLDS = 10;
const SLUG_LENGTH = 63;

/** What most of the agency's clients have; else this machine's zone, and what the platform lists first. */
export function usualEntry(rows: Iterable<BoardRow>, choices: TenantChoices, machineZone: string): ClientEntry {
  const clients = [...rows];
  const plan = mostFrequent(clients.map((row) => row.plan)) ?? choices.plans[0]?.id ?? '';
  const zone = [mostFrequent(clients.map((row) => row.timeZone)), machineZone, 'UTC'].find(
    (name) => name !== undefined && choices.timeZones.includes(name),
  );
  return {
    name: '',
    slug: '',
    currency: mostFrequent(clients.map((row) => row.currency)) ?? 'USD',
    timeZone: zone ?? '',
    plan,
    capUsd: usualCap(choices, plan),
    thresholds: '50, 80, 95, 100',
    keyName: 'Production',
  };
}

/** The cap that is proposed for a plan, as it is typed: "50.00". */
export function usualCap({ plans }: TenantChoices, plan: string): string {
  const usual = plans.find(({ id }) => id === plan)?.usualCapNanoUsd;
  return usual === undefined ? '' : formatUsd(usual).replace('$', '');
}

/** "cafe-zurich" of "Café Zürich"; empty where nothing of the name can stand in an address. */
export function slugOf(name: string): string {
  return name
    .normalize('NFKD')
    .replaceAll(/\p{Mark}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, SLUG_LENGTH)
    .replace(/-+$/, '');
}

/** What the form says, or what is wrong with it, field by field. `rows`: the clients there are, as far as the window knows. */
export function readClient(entry: ClientEntry, choices: TenantChoices, rows: Iterable<BoardRow>): ReadClient {
  const name = entry.name.trim();
  const keyName = entry.keyName.trim();
  const cap = parseUsd(entry.capUsd);
  const thresholds = readThresholds(entry.thresholds);
  const others = [...rows];
  const namesake = others.find((row) => row.name.toLowerCase() === name.toLowerCase());
  const sameSlug = others.find((row) => row.slug === entry.slug);
  const problems: ClientProblems = {};
  const note = (field: keyof ClientEntry, problem: string | null | undefined): void => {
    if (problem) problems[field] ??= problem;
  };
  note('name', nameProblem('A client’s name', name));
  note('name', namesake && `There is a client named ${namesake.name} already.`);
  note(
    'slug',
    SLUG.test(entry.slug) ? null : 'Small letters, digits and hyphens, at most 63; begin with a letter or digit.',
  );
  note('slug', sameSlug && `${sameSlug.name} has this slug already.`);
  note('currency', choices.currencies.includes(entry.currency) ? null : 'Choose a currency of the list.');
  note('timeZone', choices.timeZones.includes(entry.timeZone) ? null : 'Choose a time zone of the list.');
  note('plan', choices.plans.some(({ id }) => id === entry.plan) ? null : 'Choose a plan.');
  note('keyName', nameProblem('The key’s name', keyName));
  if (!cap.ok) note('capUsd', cap.sentence);
  else if (cap.nanoUsd === 0n) note('capUsd', 'A cap of $0.00 refuses every call. Enter more.');
  else if (cap.nanoUsd > MOST_NANO_USD) note('capUsd', `A cap can be at most ${formatUsd(MOST_NANO_USD)} a period.`);
  if (thresholds === null) note('thresholds', 'Whole percentages from 1 to 100, at most ten, like 50, 80, 95, 100.');
  if (!cap.ok || thresholds === null || Object.keys(problems).length > 0) return { ok: false, problems };
  const { slug, currency, timeZone, plan } = entry;
  return { ok: true, client: { name, slug, currency, timeZone, plan, capNanoUsd: cap.nanoUsd, thresholds, keyName } };
}

function readThresholds(text: string): number[] | null {
  const parts = text.split(/[\s,;/%]+/).filter(Boolean);
  if (parts.length > MOST_THRESHOLDS || !parts.every((part) => /^([1-9]\d?|100)$/.test(part))) return null;
  return [...new Set(parts.map(Number))].toSorted((a, b) => a - b);
}

function mostFrequent(values: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].toSorted(([, a], [, b]) => b - a)[0]?.[0];
}
