import { IconInbox } from '@tabler/icons-react';
import { Link, useLocation, useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, type ReactNode } from 'react';
import { createAlertNotices } from '../alerts/alert-notices.ts';
import { alertWords } from '../alerts/alert-words.ts';
import { formatUsd } from '../ui/format-usd.ts';
import { useLiveValue } from '../ui/live-value.ts';
import { askerWords } from '../requests/request-words.ts';
import { createRequestNotices, type RequestNotice } from '../requests/request-notices.ts';
import type { Console } from './console.ts';
import classes from './shell.module.css';

const TITLE = 'TenantDesk';

/** The inbox in the rail: how much waits, also in the window's title, and a notification for what is new. */
export function InboxPlace({ console }: { console: Console }): ReactNode {
  const waiting = useLiveValue(console.inbox)?.items.length ?? 0;
  const alerts = useLiveValue(console.alerts)?.alerts.length ?? 0;
  useNotices(console);
  useEffect(() => {
    document.title = waiting === 0 ? TITLE : `(${waiting}) ${TITLE}`;
  }, [waiting]);
  return (
    <Link to="/inbox" className={classes['place']} activeProps={{ 'aria-current': 'page' }}>
      <IconInbox size={17} stroke={1.7} aria-hidden="true" />
      <span>Inbox</span>
      {waiting + alerts === 0 ? null : (
        <span className={classes['counts']}>
          {waiting === 0 ? null : (
            <b className={classes['count']} title="Waiting for a decision">
              {waiting > 99 ? '99+' : waiting}
              <span className="td-unseen"> waiting</span>
            </b>
          )}
          {alerts === 0 ? null : (
            <small className={classes['alerts']} title="Alerts">
              {alerts > 99 ? '99+' : alerts}
              <span className="td-unseen"> alerts</span>
            </small>
          )}
        </span>
      )}
    </Link>
  );
}

function useNotices(console: Console): void {
  const navigate = useNavigate();
  const path = useLocation({ select: ({ pathname }) => pathname });
  const here = useRef({ navigate, path });
  useEffect(() => {
    here.current = { navigate, path };
  });
  useEffect(() => {
    const notices = createRequestNotices(
      (notice) =>
        show(notice, console, () => void here.current.navigate({ to: '/inbox', search: { item: notice.itemId } })),
      () => document.hasFocus() && here.current.path === '/inbox',
      (item) => ({
        title: `${item.tenantName} ${askerWords(item)} ${formatUsd(item.amountNanoUsd)} more`,
        body: item.reason ?? '',
      }),
    );
    const hear = (): void => {
      const inbox = console.inbox.get();
      if (inbox !== null) notices.hear(inbox);
    };
    const alertNotices = createAlertNotices(
      (alert) =>
        show({ itemId: alert.alertId, title: `${alert.tenantName} ${alertWords(alert)}`, body: '' }, console, () => {
          void here.current.navigate({ to: '/inbox', search: { alert: alert.alertId } });
        }),
      () => document.hasFocus() && here.current.path === '/inbox',
    );
    const hearAlerts = (): void => {
      const told = console.alerts.get();
      if (told !== null) alertNotices.hear(told);
    };
    hear();
    hearAlerts();
    const stops = [console.inbox.subscribe(hear), console.alerts.subscribe(hearAlerts)];
    return () => {
      for (const stop of stops) stop();
    };
  }, [console]);
}

/** Unless the program notifies by itself, or the user wants none. */
function show({ itemId, title, body }: RequestNotice, { shell }: Console, open: () => void): void {
  const state = shell.get();
  if (state === null || state.notifies || !state.settings.notifications) return;
  if (!('Notification' in window) || Notification.permission !== 'granted') return;
  const notification = new Notification(title, { body, tag: itemId });
  notification.addEventListener('click', () => {
    window.focus();
    open();
    notification.close();
  });
}
