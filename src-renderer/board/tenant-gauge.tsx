import { useMemo, type ReactNode } from 'react';
import type { CapPeriod } from '../../src-main/contract/board.ts';
import { capNoun } from '../caps/cap-standing.ts';
import { Gauge, type GaugeSource } from '../ui/gauge.tsx';
import type { GaugeReading } from '../ui/gauge-geometry.ts';
import type { BoardStore } from './board-store.ts';
import { dayGaugeText, gaugeReading, gaugeText } from './tenant-words.ts';

const NOTHING: GaugeReading = { committed: null, held: null, limit: 0n, ticks: [], tone: 'idle' };

export interface TenantGaugeProps {
  store: BoardStore;
  tenantId: string;
  name: string;
  /** Of which cap. */
  period: CapPeriod;
  size?: 'row' | 'large';
}

/** The gauge of one of a client's caps, fed by the store past React. */
export function TenantGauge({ store, tenantId, name, period, size }: TenantGaugeProps): ReactNode {
  const source = useMemo(() => createGaugeSource(store, tenantId, period), [store, tenantId, period]);
  return (
    <Gauge
      source={source}
      label={`Committed and held of the ${capNoun(period)} of ${name}`}
      describe={period === 'day' ? dayGaugeText : gaugeText}
      size={size}
    />
  );
}

/** Tells of a change only when that client's row is another one. */
function createGaugeSource(store: BoardStore, tenantId: string, period: CapPeriod): GaugeSource {
  const row = () => store.data.get()?.rows.get(tenantId);
  let painted = row();
  return {
    read() {
      painted = row();
      return painted ? gaugeReading(painted, period) : NOTHING;
    },
    subscribe: (listener) =>
      store.data.subscribe(() => {
        if (row() !== painted) listener();
      }),
  };
}
