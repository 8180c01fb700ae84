import type { AuditEntry } from '../../src-main/contract/audit.ts';
import { formatToTheSecond } from '../ui/format-instant.ts';
import { formatChange, formatUsd } from '../ui/format-usd.ts';
import { clientChange } from './client-change.ts';
import { limitsChange } from './limits-change.ts';
import { moneyChange } from './money-change.ts';
import { workflowChange } from './workflow-change.ts';

/** What an entry says, ready to read. `more`: every other field that changed, for those who look closer. */
export interface AuditChange {
  what: string;
  change: string;
  more: string | null;
}

/** Fields that change with every change and say nothing by themselves. */
const NOISE = new Set(['version', 'updated_at', 'updatedAt', 'updated_by', 'updatedBy']);
const LIMITS = ['limitNanoUsd', 'limit_nanousd'];
const IN_FORCE = ['inForceNanoUsd'];
/** What the line on a cap says by itself. */
const CAP_FIELDS = new Set([...LIMITS, 'scope', 'period']);

/** Reads the JSON before and after; what it can't read it shows as it stands, never drops. */
export function auditChange(
  entry: Pick<AuditEntry, 'action' | 'before' | 'after'> & Partial<Pick<AuditEntry, 'target'>>,
): AuditChange {
  const before = fieldsOf(entry.before);
  const after = fieldsOf(entry.after);
  const special =
    releasedGrant(entry.action, after) ??
    requestChange(entry.action, before, after) ??
    overrideChange(entry.action, before, after) ??
    anchoredHeads(entry.action, after) ??
    exportedReport(entry.action, after) ??
    clientChange(entry.action, before, after) ??
    workflowChange(entry.action, before, after) ??
    limitsChange(entry.action, entry.target ?? null, before, after) ??
    moneyChange(entry.action, entry.target ?? null, before, after);
  if (special !== null) return special;
  const limit = limitChange(before, after);
  const others = changedFields(before, after).filter((name) => limit === null || !CAP_FIELDS.has(name));
  const rest = others.map((name) => fieldText(name, before, after));
  if (limit !== null) {
    const what = `${capName(after)}${entry.action === 'cap.undo' ? ', undone' : ''}`;
    return { what, change: limit, more: rest.length === 0 ? null : rest.join(', ') };
  }
  const what = entry.action.replaceAll(/[._]/g, ' ');
  if (rest.length > 0) return { what, change: rest.join(', '), more: null };
  const raw = [entry.before, entry.after].filter((text) => text !== null && text !== '{}').join(' → ');
  return { what, change: raw, more: null };
}

/** "monthly cap", "daily cap of a key": which cap it was, as far as the entry says. */
function capName(after: Fields): string {
  const period = after.get('period');
  const scope = after.get('scope');
  const name = period === 'month' ? 'monthly cap' : period === 'day' ? 'daily cap' : 'cap';
  return scope === 'key' || scope === 'workflow' ? `${name} of a ${scope}` : name;
}

/** A temporary raise, made or removed: its amount, what holds now, and until when it was to last. */
function overrideChange(action: string, before: Fields, after: Fields): AuditChange | null {
  const added = action === 'cap.override.add';
  if (!added && action !== 'cap.override.remove') return null;
  const override = added ? after : before;
  const amount = amountOf(override, ['overrideNanoUsd']);
  const [from, to] = [amountOf(before, IN_FORCE), amountOf(after, IN_FORCE)];
  if (amount === null || from === null || to === null) return null;
  const ends = override.get('endsAt');
  return {
    what: `temporary raise of the ${capName(after)}${added ? '' : ', removed'}`,
    change: `${formatUsd(from)} → ${formatUsd(to)}`,
    more: `${added ? '+' : ''}${formatUsd(amount)} until ${typeof ends === 'string' ? formatToTheSecond(new Date(ends)) : 'removed'}`,
  };
}

/** What became of an increase request or of a raise that waits for a second person. */
function requestChange(action: string, before: Fields, after: Fields): AuditChange | null {
  const words = REQUEST_WORDS[action];
  const amount = amountOf(after, REQUESTED) ?? amountOf(before, REQUESTED);
  if (words === undefined || amount === null) return null;
  const [from, to] = [amountOf(before, IN_FORCE) ?? amountOf(before), amountOf(after, IN_FORCE) ?? amountOf(after)];
  const asked = `${formatUsd(amount)} more`;
  return {
    what: words,
    change: from === null || to === null || from === to ? asked : `${formatUsd(from)} → ${formatUsd(to)}`,
    more: from === null || to === null || from === to ? null : asked,
  };
}

const REQUESTED = ['overrideNanoUsd', 'raiseNanoUsd', 'requestNanoUsd'];
const REQUEST_WORDS: Readonly<Record<string, string>> = {
  'request.ask': 'increase asked for',
  'request.approve': 'increase approved, until the period ends',
  'request.decline': 'increase declined',
  'request.withdraw': 'request taken back',
  'request.expired': 'request expired',
  'raise.wait': 'raise waits for a second person',
  'raise.confirm': 'raise confirmed by a second person',
  'raise.rejected': 'raise rejected by a second person',
  'raise.withdrawn': 'raise taken back',
  'raise.void': 'waiting raise void: the cap changed',
  'raise.expired': 'waiting raise expired',
};

function limitChange(before: Fields, after: Fields): string | null {
  const from = amountOf(before);
  const to = amountOf(after);
  if (to === null) return null;
  if (from === null) return formatUsd(to);
  const percent = formatChange(from, to);
  return `${formatUsd(from)} → ${formatUsd(to)}${percent === null ? '' : `, ${percent}`}`;
}

/** What went back to the caps from a gateway that fell silent. */
function releasedGrant(action: string, after: Fields): AuditChange | null {
  const released = readAmount(after.get('releasedNanoUsd'));
  if (action !== 'grant.release' || released === null) return null;
  return {
    what: `grant of gateway ${show(after.get('gateway'))}`,
    change: `${formatUsd(released)} released to its caps`,
    more: `silent since ${show(after.get('silentSince'))}`,
  };
}

/** The platform's chain took note of where the clients' chains ended. */
function anchoredHeads(action: string, after: Fields): AuditChange | null {
  const heads = after.get('heads');
  if (action !== 'audit.anchor' || typeof heads !== 'object' || heads === null) return null;
  const count = Object.keys(heads).length;
  return { what: 'audit anchor', change: `heads of ${count} ${count === 1 ? 'chain' : 'chains'}`, more: null };
}

/** A client's report went out as files; one made without the platform has the time that its console claims. */
function exportedReport(action: string, after: Fields): AuditChange | null {
  const [month, asOf, claimedAt, files] = ['month', 'asOf', 'claimedAt', 'files'].map((name) => after.get(name));
  if (action !== 'report.export' || typeof month !== 'string' || !Array.isArray(files)) return null;
  const formats = files.map((file: unknown) =>
    typeof file === 'object' && file !== null && 'format' in file ? show(file.format).toUpperCase() : '?',
  );
  const told = (instant: unknown): string | null =>
    typeof instant === 'string' ? formatToTheSecond(new Date(instant)) : null;
  const claimed = told(claimedAt);
  return {
    what: `report of ${month}, exported`,
    change: formats.join(', '),
    more: `figures as of ${told(asOf) ?? '?'}${claimed === null ? '' : `; made without the platform, by its console at ${claimed}`}`,
  };
}

type Fields = ReadonlyMap<string, unknown>;

function amountOf(fields: Fields, names = LIMITS): bigint | null {
  for (const name of names) {
    const amount = readAmount(fields.get(name));
    if (amount !== null) return amount;
  }
  return null;
}

function readAmount(value: unknown): bigint | null {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  return typeof value === 'string' && /^\d+$/.test(value) ? BigInt(value) : null;
}

function changedFields(before: Fields, after: Fields): string[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].filter((name) => !NOISE.has(name) && show(before.get(name)) !== show(after.get(name)));
}

function fieldText(name: string, before: Fields, after: Fields): string {
  const label = name.replaceAll('_', ' ');
  if (!before.has(name)) return `${label} ${show(after.get(name))}`;
  return `${label} ${show(before.get(name))} → ${after.has(name) ? show(after.get(name)) : 'none'}`;
}

function show(value: unknown): string {
  if (value === undefined || value === null) return 'none';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function fieldsOf(json: string | null): Fields {
  if (json === null) return new Map();
  try {
    const parsed: unknown = JSON.parse(json);
    return typeof parsed === 'object' && parsed !== null ? new Map(Object.entries(parsed)) : new Map();
  } catch {
    return new Map();
  }
}
