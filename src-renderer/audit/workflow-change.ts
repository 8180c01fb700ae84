import type { AuditChange } from './audit-change.ts';

type Fields = ReadonlyMap<string, unknown>;

/** What an entry on the worth of a workflow's work says; null: it is about something else, or can't be read so. */
export function workflowChange(action: string, before: Fields, after: Fields): AuditChange | null {
  const now = valueOf(after);
  if (action !== 'workflow.value_set' || now === null) return null;
  const was = valueOf(before);
  return {
    what: 'workflow’s worth',
    change: was === null || was.saved === now.saved ? now.saved : `${was.saved} → ${now.saved}`,
    more: was === null || was.hour === now.hour ? now.hour : `${was.hour} → ${now.hour}`,
  };
}

function valueOf(fields: Fields): { saved: string; hour: string } | null {
  const [unit, minutes, worth] = ['unit', 'minutesSaved', 'hourlyWorthMinor'].map((name) => fields.get(name));
  if (typeof unit !== 'string' || typeof minutes !== 'string' || typeof worth !== 'number') return null;
  return {
    saved: `${unit}: ${minutes} minutes saved by each`,
    // The entry does not say which currency the client had then.
    hour: `an hour is worth ${worth.toLocaleString('en-US')} of its currency’s smallest unit`,
  };
}
