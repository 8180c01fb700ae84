import { formatToTheSecond } from '../ui/format-instant.ts';
import { formatUsd } from '../ui/format-usd.ts';
import type { AuditChange } from './audit-change.ts';

type Fields = ReadonlyMap<string, unknown>;

/** What an entry on a client or on a key of it says; null: it is about something else, or can't be read so. */
export function clientChange(action: string, before: Fields, after: Fields): AuditChange | null {
  const text = (fields: Fields, name: string): string | null => {
    const value = fields.get(name);
    return typeof value === 'string' ? value : null;
  };
  const key = text(after, 'key');
  const shown = text(after, 'keyShown');
  if (action === 'tenant.create') {
    const cap = after.get('limitNanoUsd');
    const name = text(after, 'name');
    if (name === null || typeof cap !== 'number' || !Number.isSafeInteger(cap)) return null;
    const parts = ['slug', 'plan', 'currency', 'timeZone'].map((field) => text(after, field));
    return {
      what: 'new client',
      change: `${name}, cap ${formatUsd(BigInt(cap))} a month`,
      more: [...parts, key === null ? null : `key ${key} ${shown ?? ''}`].filter((part) => part !== null).join(' · '),
    };
  }
  if (action === 'tenant.suspend' || action === 'tenant.resume') {
    const change = `${text(before, 'status') ?? '?'} → ${text(after, 'status') ?? '?'}`;
    return { what: action === 'tenant.suspend' ? 'client suspended' : 'client resumed', change, more: null };
  }
  if (key === null || shown === null) return null;
  if (action === 'key.issue') {
    const workflow = text(after, 'workflow');
    return { what: `key ${key}, issued`, change: shown, more: workflow === null ? null : `workflow ${workflow}` };
  }
  if (action === 'key.revoke') return { what: `key ${key}, revoked`, change: shown, more: null };
  if (action !== 'key.rotate') return null;
  const until = text(after, 'oldAcceptedUntil');
  return {
    what: `key ${key}, rotated`,
    change: `${text(before, 'keyShown') ?? '?'} → ${shown}`,
    more: until === null ? null : `old secret accepted until ${formatToTheSecond(new Date(until))}`,
  };
}
