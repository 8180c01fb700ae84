/** What is said of the fleet outside the window, in words. */
import type { Alert } from '../contract/alerts.ts';
import type { InboxItem } from '../contract/requests.ts';
import type { FleetStanding } from './fleet-watch.ts';

export interface NoticeWords {
  readonly title: string;
  readonly body: string;
}

const USD = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' });
const NANO = 1e9;
const money = (nanoUsd: bigint): string => USD.format(Number(nanoUsd) / NANO);

/** "Clinic B asks for $5.00 more". */
export function requestWords(item: InboxItem): NoticeWords {
  const who =
    item.requestedBy === null ? `${item.tenantName} asks` : `${item.requestedBy} asks for ${item.tenantName}:`;
  const amount = `${money(item.amountNanoUsd)} more`;
  const title = item.requestedBy === null ? `${who} for ${amount}` : `${who} ${amount}`;
  return { title, body: item.kind === 'raise' ? 'Waits for a second person.' : (item.reason ?? '') };
}

/** "Clinic B passed 80 % of its cap". */
export function alertWords({ tenantName, cap, threshold, runsOutAt, timeZone }: Alert): NoticeWords {
  const period = cap.period === 'day' ? 'daily cap' : 'cap';
  const noun =
    cap.scope === 'tenant'
      ? period
      : `${period} of ${cap.scope === 'key' ? 'a key' : `workflow ${cap.workflowName ?? ''}`.trim()}`;
  const body = `${money(cap.committedNanoUsd)} of ${money(cap.inForceNanoUsd)} used`;
  if (threshold >= 100) return { title: `${tenantName} reached its ${noun}`, body };
  if (threshold > 0) return { title: `${tenantName} passed ${threshold} % of its ${noun}`, body };
  const when = runsOutAt?.toLocaleString('en-GB', {
    timeZone,
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  });
  return { title: `${tenantName} will use up its ${noun}${when === undefined ? '' : ` on ${when}`}`, body };
}

/** Which picture the tray has; each differs by shape too. */
export type FleetIcon = 'calm' | 'waiting' | 'refusing' | 'unknown' | 'locked';

export function fleetIcon({ state, refusing, nearCap, waiting, alerts }: FleetStanding): FleetIcon {
  if (state === 'locked') return 'locked';
  if (state === 'away' || refusing === null) return 'unknown';
  if (refusing > 0) return 'refusing';
  return (nearCap ?? 0) + (waiting ?? 0) + (alerts ?? 0) > 0 ? 'waiting' : 'calm';
}

/** Lines of the tray's menu and of its tip. */
export function fleetLines({ state, refusing, nearCap, waiting }: FleetStanding): readonly string[] {
  if (state === 'locked') return ['Locked'];
  const fleet =
    state === 'away' || refusing === null
      ? 'The platform is not heard'
      : refusing + (nearCap ?? 0) === 0
        ? 'No client refusing or near its cap'
        : `${clients(refusing)} refusing, ${nearCap ?? 0} near the cap`;
  return [fleet, waiting === null ? 'Inbox not read' : `${waiting} waiting in the inbox`];
}

const clients = (count: number): string => (count === 1 ? '1 client' : `${count} clients`);
