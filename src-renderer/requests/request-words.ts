import type { InboxItem } from '../../src-main/contract/requests.ts';
import { formatInZone } from '../ui/format-instant.ts';
import type { RunsOut } from './runs-out.ts';

const SCOPE = { tenant: 'cap', key: 'cap of a key', workflow: 'cap of a workflow' } as const;
const PERIOD = { month: 'Monthly', day: 'Daily' } as const;

export function capWords({ scope, period }: InboxItem['cap']): string {
  return `${PERIOD[period]} ${SCOPE[scope]}`;
}

/** "1 Dec 00:00 IST", "used up", "not in this period". */
export function outWords(out: RunsOut, { timeZone }: InboxItem): string {
  if (out === 'now') return 'used up';
  return out === null ? 'not in this period' : formatInZone(out, timeZone);
}

/** "asks for", "Asha asks for", "Omar wants to approve", "Omar wants to raise by". */
export function askerWords({ kind, requestId, requestedBy, mine }: InboxItem): string {
  const who = mine ? 'You' : (requestedBy ?? '');
  if (kind === 'request') return requestedBy === null ? 'asks for' : `${who} ask${mine ? '' : 's'} for`;
  return `${who} want${mine ? '' : 's'} to ${requestId === null ? 'raise it by' : 'approve'}`;
}

/** The same in a list, with when: "asked 14:02", "Asha asked 14:02", "Omar wants to approve it, since 14:02". */
export function askedWords(item: Pick<InboxItem, 'kind' | 'requestId' | 'requestedBy' | 'mine'>, when: string): string {
  const { kind, requestId, requestedBy, mine } = item;
  const who = mine ? 'you' : requestedBy;
  if (kind === 'request') return who === null ? `asked ${when}` : `${who} asked ${when}`;
  return `${who ?? ''} want${mine ? '' : 's'} to ${requestId === null ? 'raise' : 'approve'} it, since ${when}`.trimStart();
}
