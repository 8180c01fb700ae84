import { callFields, type GatewayLog } from '../gateway-log.ts';
import type { CallAccountsPorts } from '../ledger/call-accounts.ts';
import type { SettledCalls } from '../ledger/settled-calls.ts';
import type { LiveState } from '../live/live-state.ts';
import type { CallCounts } from './call-counts.ts';

/** Those who hear how calls end: what tenants ask back, gauges, metrics, the log. */
export function createCallWatch(
  settledCalls: SettledCalls,
  live: LiveState,
  counts: CallCounts,
  log: GatewayLog,
): Pick<CallAccountsPorts, 'onSettled' | 'onUnsent' | 'onOverBound'> {
  return {
    onSettled: (row, operation) => {
      settledCalls.put(row);
      counts.settled(row, operation);
      if (log.tellsCalls) log.debug('call', { 'gen_ai.operation.name': operation, ...callFields(row) });
      live.settled(row.tenant_id, row.outcome !== 'ok' && row.outcome !== 'client_closed');
    },
    onUnsent: (tenantId, clientLeft) => {
      if (!clientLeft) counts.unsent += 1;
      live.settled(tenantId, !clientLeft);
    },
    onOverBound: (row, bound) => {
      counts.overBound += 1;
      log.error('a bill is above its bound', { ...callFields(row), 'tenantdesk.bound_nanousd': `${bound}` });
    },
  };
}
