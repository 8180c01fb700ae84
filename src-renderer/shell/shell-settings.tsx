import { useId, type ReactNode } from 'react';
import type { ShellSettings as Settings, ShellState } from '../../src-main/contract/shell.ts';
import { useAsking } from '../ui/asking.ts';
import { Refusal } from '../ui/refusal.tsx';
import { VersionNews, type UpdateStep } from './version-news.tsx';
import classes from './shell-settings.module.css';

const ROWS: readonly { name: keyof Settings; label: string; does: string }[] = [
  {
    name: 'notifications',
    label: 'Desktop notifications',
    does: 'One for each new request and alert, while you look at something else.',
  },
  {
    name: 'closeToTray',
    label: 'Closing the window leaves TenantDesk in the tray',
    does: 'The tray shows how the fleet stands; notifications go on. Quit is in its menu.',
  },
  {
    name: 'startAtLogin',
    label: 'Start with the computer',
    does: 'In the tray, without a window.',
  },
  {
    name: 'updates',
    label: 'Look for newer versions',
    does: 'Some minutes after the start and once a day. Nothing is downloaded or installed unasked.',
  },
];

export interface ShellSettingsProps {
  state: ShellState;
  change: (settings: Settings) => Promise<Settings>;
  update: (step: UpdateStep) => Promise<unknown>;
  /** A way to let the browser notify, where that is asked for in the page. */
  permission: ReactNode;
}

/** What this computer's TenantDesk does besides showing the window; what this shell can't do says why. */
export function ShellSettings({ state, change, update, permission }: ShellSettingsProps): ReactNode {
  const { settings, whyNot } = state;
  const { busy, refusal, ask } = useAsking();
  const id = useId();
  return (
    <section className={classes['settings']} aria-labelledby={id}>
      <h2 id={id} className={classes['title']}>
        On this computer
      </h2>
      {ROWS.map(({ name, label, does }) => (
        <div key={name} className={classes['row']}>
          <input
            id={`${id}-${name}`}
            type="checkbox"
            checked={settings[name]}
            aria-disabled={busy || whyNot[name] !== null}
            aria-describedby={`${id}-${name}-does`}
            onChange={() => {
              if (whyNot[name] === null) ask(() => change({ ...settings, [name]: !settings[name] }));
            }}
          />
          <label htmlFor={`${id}-${name}`}>{label}</label>
          <p id={`${id}-${name}-does`}>
            {whyNot[name] ?? does} {name === 'notifications' ? permission : null}
          </p>
        </div>
      ))}
      <Refusal sentence={refusal} />
      {state.updates && <VersionNews state={state.updates} update={update} />}
    </section>
  );
}
