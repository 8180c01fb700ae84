import { Tabs } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './panel-tabs.module.css';

export interface PanelTab {
  id: string;
  label: string;
  content: ReactNode;
}

export interface PanelTabsProps {
  label: string;
  tabs: readonly PanelTab[];
  /** The one that is open; the first when there is no such tab. */
  open: string | undefined;
  onOpen: (id: string) => void;
}

/** Parts of a panel, one at a time; arrow keys move between them. */
export function PanelTabs({ label, tabs, open, onOpen }: PanelTabsProps): ReactNode {
  const shown = tabs.find(({ id }) => id === open) ?? tabs[0];
  return (
    <Tabs
      value={shown?.id ?? null}
      onChange={(id) => {
        if (id !== null) onOpen(id);
      }}
      keepMounted={false}
      variant="none"
      classNames={{ list: classes['list'], tab: classes['tab'] }}
    >
      <Tabs.List aria-label={label} data-keys="own">
        {tabs.map((tab) => (
          <Tabs.Tab key={tab.id} value={tab.id}>
            {tab.label}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {tabs.map((tab) => (
        <Tabs.Panel key={tab.id} value={tab.id}>
          {tab.content}
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}
