import '@mantine/spotlight/styles.css';
import { useMantineColorScheme } from '@mantine/core';
import { createSpotlight, Spotlight, type SpotlightActionData, type SpotlightProps } from '@mantine/spotlight';
import {
  IconBuilding,
  IconChartLine,
  IconFileText,
  IconHistory,
  IconInbox,
  IconKey,
  IconKeyboard,
  IconLayoutList,
  IconMoon,
  IconArrowBackUp,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlus,
  IconSettings,
  IconSun,
  IconUserPlus,
} from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useMemo, useState, type ReactNode } from 'react';
import { formatUsd } from '../ui/format-usd.ts';
import { useLiveValue } from '../ui/live-value.ts';
import { auditPermission } from '../audit/audit-permission.ts';
import type { CapPermission } from '../caps/cap-permission.ts';
import { bindingCap, capNoun } from '../caps/cap-standing.ts';
import type { ClientPermission } from '../tenants/client-permission.ts';
import type { Console } from './console.ts';
import classes from './command-palette.module.css';
import { raiseByTen, undoable } from './raise-by-ten.ts';

const SHOWN = 9;

export interface CommandPaletteProps {
  console: Console;
  onClose: () => void;
  permission: CapPermission;
  clients: ClientPermission;
  onHelp: () => void;
}

/** Clients, pages and actions by name. The clients are those of the moment it was opened. */
export function CommandPalette({ console, onClose, permission, clients, onHelp }: CommandPaletteProps): ReactNode {
  const [[store, palette]] = useState(() => createSpotlight());
  const navigate = useNavigate();
  const { setColorScheme } = useMantineColorScheme();
  const under = useLiveValue(console.cursor);
  const operator = useLiveValue(console.session)?.operator ?? null;

  useEffect(() => {
    palette.open();
  }, [palette]);

  const actions = useMemo(() => {
    const { capChanges } = console;
    const rows = [...(console.board.data.get()?.rows.values() ?? [])];
    const at = under === null ? undefined : rows.find((row) => row.tenantId === under);
    const icon = (Icon: typeof IconPlus): ReactNode => <Icon size={16} stroke={1.7} aria-hidden="true" />;
    const list: SpotlightActionData[] = [
      {
        id: 'board',
        label: 'Board',
        description: 'page',
        leftSection: icon(IconLayoutList),
        onClick: () => void navigate({ to: '/board' }),
      },
      {
        id: 'inbox',
        label: 'Inbox',
        description: 'page',
        leftSection: icon(IconInbox),
        onClick: () => void navigate({ to: '/inbox' }),
      },
      {
        id: 'margins',
        label: 'Margins',
        description: 'page',
        leftSection: icon(IconChartLine),
        onClick: () => void navigate({ to: '/margins' }),
      },
      {
        id: 'reports',
        label: 'Reports',
        description: 'page',
        leftSection: icon(IconFileText),
        onClick: () => void navigate({ to: '/reports' }),
      },
    ];
    if (auditPermission(operator) === null) {
      list.push({
        id: 'audit',
        label: 'Audit',
        description: 'page',
        leftSection: icon(IconHistory),
        onClick: () => void navigate({ to: '/audit' }),
      });
    }
    list.push({
      id: 'isolation',
      label: 'Isolation check',
      description: 'page',
      leftSection: icon(IconHistory),
      onClick: () => void navigate({ to: '/audit/isolation' }),
    });
    const standing = at ? bindingCap(at) : null;
    if (at && standing && permission.raise === null) {
      list.unshift({
        id: 'raise',
        label: `Raise ${capNoun(standing.period)} of ${at.name} by 10 %`,
        description: 'action',
        leftSection: icon(IconPlus),
        onClick: () => {
          raiseByTen(console, permission, at.tenantId);
          void navigate({ to: '/board/$tenantId', params: { tenantId: at.tenantId } });
        },
      });
    }
    for (const row of rows) {
      const undo = undoable(console, row);
      const change = undo === null ? null : capChanges.of(undo.cap.capId).get();
      if (undo === null || change?.state !== 'done') continue;
      list.unshift({
        id: `undo ${undo.cap.capId}`,
        label: `Undo the change of the ${capNoun(undo.period)} of ${row.name}`,
        description: `back to ${formatUsd(change.result.previousLimitNanoUsd)}`,
        leftSection: icon(IconArrowBackUp),
        onClick: () => capChanges.undo(undo.cap.capId, undo.cap.version),
      });
    }
    if (at) {
      const { tenantId, name } = at;
      const forbidden = at.status === 'active' ? clients.suspend : clients.resume;
      list.push({
        id: 'client-keys',
        label: `Keys of ${name}`,
        description: 'page',
        leftSection: icon(IconKey),
        onClick: () => void navigate({ to: '/board/$tenantId', params: { tenantId }, search: { tab: 'keys' } }),
      });
      list.push({
        id: 'client-report',
        label: `Report of ${name}`,
        description: 'page',
        leftSection: icon(IconFileText),
        onClick: () => void navigate({ to: '/reports', search: { client: tenantId } }),
      });
      list.push({
        id: 'client-status',
        label: at.status === 'active' ? `Suspend ${name}` : `Resume ${name}`,
        description: forbidden ?? 'action, asks first',
        disabled: forbidden !== null,
        leftSection: icon(at.status === 'active' ? IconPlayerPause : IconPlayerPlay),
        onClick: () => {
          console.statusAsked.set(tenantId);
          void navigate({ to: '/board/$tenantId', params: { tenantId } });
        },
      });
    }
    list.push({
      id: 'new-client',
      label: 'New client',
      description: clients.create ?? 'action',
      disabled: clients.create !== null,
      leftSection: icon(IconUserPlus),
      onClick: () => console.newClient.set(true),
    });
    list.push(
      {
        id: 'dark',
        label: 'Dark theme',
        description: 'action',
        leftSection: icon(IconMoon),
        onClick: () => setColorScheme('dark'),
      },
      {
        id: 'light',
        label: 'Light theme',
        description: 'action',
        leftSection: icon(IconSun),
        onClick: () => setColorScheme('light'),
      },
      {
        id: 'welcome',
        label: 'First steps',
        description: 'what is running, what to click first',
        leftSection: icon(IconKeyboard),
        onClick: () => {
          console.welcome.set(true);
          void navigate({ to: '/board' });
        },
      },
      {
        id: 'settings',
        label: 'Settings',
        description: 'page',
        leftSection: icon(IconSettings),
        onClick: () => void navigate({ to: '/settings' }),
      },
      { id: 'keys', label: 'Shortcuts', description: 'action', leftSection: icon(IconKeyboard), onClick: onHelp },
    );
    for (const row of rows) {
      list.push({
        id: row.tenantId,
        label: row.name,
        description: `client · ${row.plan} · ${row.timeZone}`,
        keywords: [row.slug],
        leftSection: icon(IconBuilding),
        onClick: () => {
          console.cursor.set(row.tenantId);
          void navigate({ to: '/board/$tenantId', params: { tenantId: row.tenantId } });
        },
      });
    }
    return list;
  }, [console, under, operator, navigate, permission, clients, onHelp, setColorScheme]);

  return (
    <Spotlight
      store={store}
      actions={actions}
      shortcut={null}
      limit={SHOWN}
      filter={byName}
      overlayProps={{ blur: 0, backgroundOpacity: 0.55 }}
      classNames={{ action: classes['action'] }}
      nothingFound="No client, page or action has that name"
      searchProps={{
        placeholder: 'Find a client, an action, a page',
        'aria-label': 'Find a client, an action, a page',
      }}
      onSpotlightClose={onClose}
      transitionProps={{ duration: 60 }}
      attributes={{ content: { 'aria-label': 'Find a client, an action, a page' } }}
    />
  );
}

type Actions = SpotlightProps['actions'];

/** Every typed word must be in the name; names that begin with what was typed come first. */
function byName(query: string, actions: Actions): Actions {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const first = words[0] ?? '';
  return actions
    .filter((action) => words.every((word) => nameOf(action).includes(word)))
    .toSorted((a, b) => Number(nameOf(b).startsWith(first)) - Number(nameOf(a).startsWith(first)));
}

function nameOf(action: Actions[number]): string {
  return 'label' in action && action.label !== undefined ? action.label.toLowerCase() : '';
}
