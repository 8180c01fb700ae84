import '@mantine/spotlight/styles.css';
import { useMantineColorScheme } from '@mantine/core';
import { createSpotlight, Spotlight, type SpotlightProps } from '@mantine/spotlight';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useMemo, useState, type ReactNode } from 'react';
import { useLiveValue } from '../ui/live-value.ts';
import type { CapPermission } from '../caps/cap-permission.ts';
import type { ClientPermission } from '../tenants/client-permission.ts';
import type { Console } from './console.ts';
import classes from './command-palette.module.css';
import { paletteActions } from './palette-actions.tsx';

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

  const actions = useMemo(
    () =>
      paletteActions({
        console,
        under,
        operator,
        permission,
        clients,
        onHelp,
        setTheme: setColorScheme,
        go: (place) => void navigate(place),
      }),
    [console, under, operator, navigate, permission, clients, onHelp, setColorScheme],
  );

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

/** Every typed word must be in the name or the slug; names that begin with what was typed come first. */
function byName(query: string, actions: Actions): Actions {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const first = words[0] ?? '';
  return actions
    .filter((action) => words.every((word) => nameOf(action).includes(word)))
    .toSorted((a, b) => Number(nameOf(b).startsWith(first)) - Number(nameOf(a).startsWith(first)));
}

function nameOf(action: Actions[number]): string {
  if (!('label' in action)) return '';
  const { label = '', keywords = [] } = action;
  return [label, keywords].flat().join(' ').toLowerCase();
}
