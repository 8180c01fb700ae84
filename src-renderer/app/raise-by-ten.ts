import { capTarget } from '../caps/cap-target.ts';
import type { CapPermission } from '../caps/cap-permission.ts';
import type { Console } from './console.ts';

/** What the key and the palette do; nothing when the client has no cap or the operator may not raise it. */
export function raiseByTen({ board, capChanges }: Console, permission: CapPermission, tenantId: string): void {
  const row = board.data.get()?.rows.get(tenantId);
  const target = row ? capTarget(row) : null;
  if (target && permission.raise === null) capChanges.change(target, { kind: 'percent', percent: 10 });
}
