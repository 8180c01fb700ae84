import type { SpotlightActionData } from '@mantine/spotlight';
import {
  IconArrowBackUp,
  IconBuilding,
  IconChartLine,
  IconFileText,
  IconHistory,
  IconInbox,
  IconKey,
  IconKeyboard,
  IconLayoutList,
  IconMoon,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlus,
  IconSettings,
  IconShieldCheck,
  IconSun,
  IconUserPlus,
} from '@tabler/icons-react';
import type { NavigateOptions } from '@tanstack/react-router';
import type { BoardRow } from '../../src-main/contract/board.ts';
import type { SessionState } from '../../src-main/contract/session.ts';
import { auditPermission } from '../audit/audit-permission.ts';
import type { CapPermission } from '../caps/cap-permission.ts';
import { bindingCap, capNoun } from '../caps/cap-standing.ts';
import type { ClientPermission } from '../tenants/client-permission.ts';
import { formatUsd } from '../ui/format-usd.ts';
import { KeyHint } from '../ui/key-hint.tsx';
import type { Console } from './console.ts';
import { raiseByTen, undoable } from './raise-by-ten.ts';

export interface PaletteOptions {
  console: Console;
  /** The client under the board's cursor. */
  under: string | null;
  operator: SessionState['operator'];
  permission: CapPermission;
  clients: ClientPermission;
  onHelp: () => void;
  setTheme: (theme: 'dark' | 'light') => void;
  go: (place: NavigateOptions) => void;
}

type Action = SpotlightActionData;

/** What the palette offers, the likeliest first: what can be done to the client under the cursor, pages, settings, and every client. */
export function paletteActions(options: PaletteOptions): Action[] {
  const rows = [...(options.console.board.data.get()?.rows.values() ?? [])];
  const at = rows.find(({ tenantId }) => tenantId === options.under);
  return [
    ...rows.flatMap((row) => undoOf(options, row, at)),
    ...(at ? raiseOf(options, at) : []),
    ...pages(options),
    ...(at ? clientPlaces(options, at) : []),
    ...programActions(options),
    ...rows.map((row) => clientOf(options, row)),
  ];
}

/** `keys`: what does the same without the palette. */
function action(
  id: string,
  Icon: typeof IconPlus,
  label: string,
  rest: Partial<Action> & { keys?: string | undefined },
): Action {
  const { keys, ...others } = rest;
  return {
    id,
    label,
    description: 'action',
    leftSection: <Icon size={16} stroke={1.7} aria-hidden="true" />,
    ...(keys === undefined ? {} : { rightSection: <KeyHint keys={keys} /> }),
    ...others,
  };
}

function undoOf({ console }: PaletteOptions, row: BoardRow, at: BoardRow | undefined): Action[] {
  const { capChanges } = console;
  const undo = undoable(console, row);
  const change = undo === null ? null : capChanges.of(undo.cap.capId).get();
  if (undo === null || change?.state !== 'done') return [];
  const { capId, version } = undo.cap;
  const label = `Undo the change of the ${capNoun(undo.period)} of ${row.name}`;
  return [
    action(`undo ${capId}`, IconArrowBackUp, label, {
      description: `back to ${formatUsd(change.result.previousLimitNanoUsd)}`,
      keys: row === at ? 'U' : undefined,
      onClick: () => capChanges.undo(capId, version),
    }),
  ];
}

function raiseOf({ console, permission, go }: PaletteOptions, row: BoardRow): Action[] {
  const { tenantId } = row;
  const standing = bindingCap(row);
  if (standing === null || permission.raise !== null) return [];
  return [
    action('raise', IconPlus, `Raise ${capNoun(standing.period)} of ${row.name} by 10 %`, {
      keys: '+',
      onClick: () => {
        raiseByTen(console, permission, tenantId);
        go({ to: '/board/$tenantId', params: { tenantId } });
      },
    }),
  ];
}

function pages({ operator, go }: PaletteOptions): Action[] {
  const page = (id: string, Icon: typeof IconPlus, label: string, to: NavigateOptions['to'], keys?: string): Action =>
    action(id, Icon, label, {
      description: 'page',
      keys,
      onClick: () => go({ to }),
    });
  return [
    page('board', IconLayoutList, 'Board', '/board', 'B'),
    page('inbox', IconInbox, 'Inbox', '/inbox', 'I'),
    page('margins', IconChartLine, 'Margins', '/margins', 'M'),
    page('reports', IconFileText, 'Reports', '/reports', 'R'),
    ...(auditPermission(operator) === null ? [page('audit', IconHistory, 'Audit', '/audit')] : []),
    page('isolation', IconShieldCheck, 'Isolation check', '/audit/isolation'),
    page('settings', IconSettings, 'Settings', '/settings', 'Ctrl ,'),
  ];
}

function clientPlaces({ console, clients, go }: PaletteOptions, { tenantId, name, status }: BoardRow): Action[] {
  const active = status === 'active';
  const forbidden = active ? clients.suspend : clients.resume;
  return [
    action('client-keys', IconKey, `Keys of ${name}`, {
      description: 'page',
      onClick: () => go({ to: '/board/$tenantId', params: { tenantId }, search: { tab: 'keys' } }),
    }),
    action('client-report', IconFileText, `Report of ${name}`, {
      description: 'page',
      onClick: () => go({ to: '/reports', search: { client: tenantId } }),
    }),
    action('client-status', active ? IconPlayerPause : IconPlayerPlay, `${active ? 'Suspend' : 'Resume'} ${name}`, {
      description: forbidden ?? 'action, asks first',
      disabled: forbidden !== null,
      onClick: () => {
        console.statusAsked.set(tenantId);
        go({ to: '/board/$tenantId', params: { tenantId } });
      },
    }),
  ];
}

function programActions({ console, clients, onHelp, setTheme, go }: PaletteOptions): Action[] {
  return [
    action('new-client', IconUserPlus, 'New client', {
      description: clients.create ?? 'action',
      disabled: clients.create !== null,
      keys: 'N',
      onClick: () => console.newClient.set(true),
    }),
    action('dark', IconMoon, 'Dark theme', { onClick: () => setTheme('dark') }),
    action('light', IconSun, 'Light theme', { onClick: () => setTheme('light') }),
    action('welcome', IconKeyboard, 'First steps', {
      description: 'what is running, what to click first',
      onClick: () => {
        console.welcome.set(true);
        go({ to: '/board' });
      },
    }),
    action('keys', IconKeyboard, 'Shortcuts', { keys: '?', onClick: onHelp }),
  ];
}

function clientOf({ console, go }: PaletteOptions, { tenantId, name, plan, timeZone, slug }: BoardRow): Action {
  return action(tenantId, IconBuilding, name, {
    description: `client · ${plan} · ${timeZone}`,
    keywords: [slug],
    onClick: () => {
      console.cursor.set(tenantId);
      go({ to: '/board/$tenantId', params: { tenantId } });
    },
  });
}
