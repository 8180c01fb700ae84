import { useQuery } from '@tanstack/react-query';
import { useMemo, type ReactNode } from 'react';
import type { BoardRow } from '../../src-main/contract/board.ts';
import type { ScopedCap } from '../../src-main/contract/limits.ts';
import { CapControl } from '../caps/cap-control.tsx';
import type { CapPermission } from '../caps/cap-permission.ts';
import { keyPermission } from '../keys/key-permission.ts';
import { keysQuery, type KeyCalls } from '../keys/keys-queries.ts';
import { DowngradeSheet } from '../limits/downgrade-sheet.tsx';
import { limitPermission } from '../limits/limit-permission.ts';
import type { LimitCalls } from '../limits/limits-queries.ts';
import { ModelSheet } from '../limits/model-sheet.tsx';
import { QuotaSheet } from '../limits/quota-sheet.tsx';
import { ScopedCaps } from '../limits/scoped-caps.tsx';
import { useLiveValue } from '../ui/live-value.ts';
import type { Console } from './console.ts';

export interface ClientLimitsProps {
  console: Console;
  row: BoardRow;
  permission: CapPermission;
  changesOff: string | null;
  keyCalls: KeyCalls;
  workflows: readonly { workflowId: string; name: string }[];
}

/** What limits a client besides the caps in its row. */
export function ClientLimits(props: ClientLimitsProps): ReactNode {
  const { console, row, permission, changesOff, keyCalls, workflows } = props;
  const { client, capChanges } = console;
  const { tenantId, name: clientName, timeZone } = row;
  const operator = useLiveValue(console.session)?.operator ?? null;
  const calls = useMemo<LimitCalls>(
    () => ({
      caps: (of, signal) => client.limits.caps({ tenantId: of }, { signal }),
      addCap: (input) => client.limits.addCap(input),
      removeCap: (input) => client.limits.removeCap(input),
      quotas: (of, signal) => client.limits.quotas({ tenantId: of }, { signal }),
      setQuota: (input) => client.limits.setQuota(input),
      downgrades: (of, signal) => client.limits.downgrades({ tenantId: of }, { signal }),
      models: (of, signal) => client.limits.models({ tenantId: of }, { signal }),
      setModels: (input) => client.limits.setModels(input),
      setDowngrade: (input) => client.limits.setDowngrade(input),
    }),
    [client],
  );
  const keys = useQuery({ ...keysQuery(keyCalls, tenantId), enabled: keyPermission(operator, null).see === null });
  const working = (keys.data?.keys ?? []).filter(({ revoked }) => revoked === null);

  const control = (cap: ScopedCap, name: string): ReactNode => (
    <CapControl
      target={{ ...cap, tenantId, clientName: `${clientName}, ${name}`, timeZone }}
      changes={capChanges}
      permission={permission}
      committed={() => cap.committedNanoUsd}
      urgent={false}
      shownElsewhere={false}
    />
  );

  const shared = {
    tenantId,
    clientName,
    timeZone,
    calls,
    newKey: console.newKey,
    permission: limitPermission(operator, changesOff),
    onChanged: console.changed,
  };
  return (
    <>
      <QuotaSheet {...shared} />
      <ScopedCaps {...shared} workflows={workflows} keys={working} hasDayCap={row.dayCap !== null} control={control} />
      <ModelSheet {...shared} />
      <DowngradeSheet {...shared} />
    </>
  );
}
