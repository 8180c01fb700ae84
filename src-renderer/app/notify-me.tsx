import { useState, type ReactNode } from 'react';

/** Asks the browser for leave to notify: by a click, never unasked. */
export function NotifyMe(): ReactNode {
  const [permission, setPermission] = useState(() => ('Notification' in window ? Notification.permission : 'denied'));
  if (permission !== 'default') return null;
  return (
    <button type="button" className="td-link" onClick={() => void Notification.requestPermission().then(setPermission)}>
      Notify me on the desktop
    </button>
  );
}
