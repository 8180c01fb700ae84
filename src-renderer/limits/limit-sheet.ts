import type { LimitCalls } from './limits-queries.ts';
import type { LimitPermission } from './limit-permission.ts';

/** What each sheet of a client's limits gets. */
export interface LimitSheetProps {
  tenantId: string;
  clientName: string;
  calls: LimitCalls;
  newKey: () => string;
  permission: LimitPermission;
  onChanged: () => void;
}
