import type { BoardRow } from '../../src-main/contract/board.ts';
import type { CapPermission } from '../caps/cap-permission.ts';
import { bindingCap, capStanding, type CapStanding } from '../caps/cap-standing.ts';
import { capTarget } from '../caps/cap-target.ts';
import type { Console } from './console.ts';

/** The cap of that client whose last change can be undone, the latest change first; null: none can. */
export function undoable({ capChanges }: Pick<Console, 'capChanges'>, row: BoardRow): CapStanding | null {
  const leftMs = ({ cap }: CapStanding): number => capChanges.undoLeftMs(cap.capId, cap.version);
  const caps = (['month', 'day'] as const).flatMap((period) => capStanding(row, period) ?? []);
  return caps.filter((standing) => leftMs(standing) > 0).toSorted((a, b) => leftMs(b) - leftMs(a))[0] ?? null;
}

/** Takes the operator's last change of a cap of that client back; nothing when that can't be done any more. */
export function undoLastChange(console: Console, tenantId: string): void {
  const row = console.board.data.get()?.rows.get(tenantId);
  const standing = row ? undoable(console, row) : null;
  if (standing) console.capChanges.undo(standing.cap.capId, standing.cap.version);
}

/** What the key and the palette do; nothing when the client has no cap or the operator may not raise it. */
export function raiseByTen({ board, capChanges }: Console, permission: CapPermission, tenantId: string): void {
  const row = board.data.get()?.rows.get(tenantId);
  const standing = row ? bindingCap(row) : null;
  if (row && standing && permission.raise === null) {
    capChanges.change(capTarget(row, standing), { kind: 'percent', percent: 10 });
  }
}
