import type { AlertList } from '../../src-main/contract/alerts.ts';
import type { Inbox } from '../../src-main/contract/requests.ts';
import { alertWords } from '../alerts/alert-words.ts';
import { askerWords } from '../requests/request-words.ts';
import { formatUsd } from '../ui/format-usd.ts';

export interface InboxMarkWords {
  /** What waits for a decision goes before what somebody should look at. */
  kind: 'asks' | 'alert';
  /** "asks for $5.00 more · passed 80 % of its cap: $20.10 of $25.00". */
  words: string;
  /** Where in the inbox it stands. */
  search: { item: string } | { alert: string };
}

/** What the inbox holds of a client; null: nothing, or nothing heard yet. */
export function inboxMarkOf(tenantId: string, inbox: Inbox | null, alerts: AlertList | null): InboxMarkWords | null {
  const items = inbox?.items.filter((item) => item.tenantId === tenantId) ?? [];
  const open = alerts?.alerts.filter((alert) => alert.tenantId === tenantId) ?? [];
  const words = [
    ...items.map((item) => `${askerWords(item)} ${formatUsd(item.amountNanoUsd)} more`),
    ...open.map(alertWords),
  ].join(' · ');
  const [item] = items;
  const [alert] = open;
  if (item) return { kind: 'asks', words, search: { item: item.id } };
  return alert ? { kind: 'alert', words, search: { alert: alert.alertId } } : null;
}
