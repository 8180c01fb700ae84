import type { Alert, AlertList } from '../../src-main/contract/alerts.ts';

/** One notification for each alert that newly came: not for those that were there when the console was opened, nor while `looking`. */
export function createAlertNotices(
  notify: (alert: Alert) => void,
  looking: () => boolean,
): { hear: (list: AlertList) => void } {
  let known: Set<string> | null = null;
  return {
    hear({ alerts, asOf }) {
      if (asOf === null) return;
      const before = known;
      known = new Set(alerts.map(({ alertId }) => alertId));
      if (before === null) return;
      for (const alert of alerts) if (!before.has(alert.alertId) && !looking()) notify(alert);
    },
  };
}
