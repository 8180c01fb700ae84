import { capTarget } from '../caps/cap-target.ts';
import type { CapPermission } from '../caps/cap-permission.ts';
import type { Console } from './console.ts';

/** Takes the operator's last change of that client's cap back; nothing when that can't be done any more. */
export function undoLastChange({ board, capChanges }: Console, tenantId: string): void {
  const cap = board.data.get()?.rows.get(tenantId)?.cap;
  if (cap) capChanges.undo(cap.capId, cap.version);
}

/** What the key and the palette do; nothing when the client has no cap or the operator may not raise it. */
export function raiseByTen({ board, capChanges }: Console, permission: CapPermission, tenantId: string): void {
  const row = board.data.get()?.rows.get(tenantId);
  const target = row ? capTarget(row) : null;
  if (target && permission.raise === null) capChanges.change(target, { kind: 'percent', percent: 10 });
}
