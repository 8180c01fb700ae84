import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import { KeyHint } from '../ui/key-hint.tsx';
import classes from './shortcut-help.module.css';

const KEYS: readonly (readonly [keys: string, does: string])[] = [
  ['J', 'next client (also arrow down)'],
  ['K', 'previous client (also arrow up)'],
  ['Enter', 'open the client beside the board'],
  ['+', 'raise the client’s cap by 10 %'],
  ['U', 'undo the change of the client’s cap, for 30 seconds'],
  ['A', 'in the inbox: approve or confirm; O another amount, D decline'],
  ['N', 'new client'],
  ['/', 'filter the board'],
  ['S', 'sort the board now'],
  ['B', 'board'],
  ['I', 'inbox'],
  ['M', 'margins'],
  ['R', 'reports'],
  ['Esc', 'close the panel or dialog, clear the filter'],
  ['Ctrl K', 'find a client, an action, a page'],
  ['Ctrl L', 'lock'],
  ['Ctrl ,', 'settings'],
  ['?', 'this list'],
];

export function ShortcutHelp({ onClose }: { onClose: () => void }): ReactNode {
  return (
    <Modal
      opened
      onClose={onClose}
      withCloseButton={false}
      size="sm"
      attributes={{ content: { 'aria-label': 'Shortcuts' } }}
    >
      <h2 className={classes['title']}>Shortcuts</h2>
      <dl className={classes['keys']}>
        {KEYS.map(([keys, does]) => (
          <div key={keys}>
            <dt>
              <KeyHint keys={keys} />
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
