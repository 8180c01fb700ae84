import type { ReactNode } from 'react';
import { ShellSettings } from '../shell/shell-settings.tsx';
import { StatePanel } from '../ui/state-panel.tsx';
import { useLiveValue } from '../ui/live-value.ts';
import { useConsole } from './console-context.ts';
import { NotifyMe } from './notify-me.tsx';
import classes from './settings-route.module.css';

export function SettingsRoute(): ReactNode {
  const console = useConsole();
  const state = useLiveValue(console.shell);
  return (
    <div className={classes['page']}>
      <h1 className={classes['title']}>Settings</h1>
      {state === null ? (
        <StatePanel kind="loading" title="Reading the settings" />
      ) : (
        <ShellSettings
          state={state}
          change={(settings) => console.client.shell.change(settings)}
          update={(step) => console.client.shell.update({ step })}
          permission={state.notifies ? null : <NotifyMe />}
        />
      )}
    </div>
  );
}
