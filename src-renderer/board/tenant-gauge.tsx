import { useMemo, type ReactNode } from 'react';
import { Gauge, type GaugeSource } from '../ui/gauge.tsx';
import type { GaugeReading } from '../ui/gauge-geometry.ts';
import type { BoardStore } from './board-store.ts';
import { gaugeReading, gaugeText } from './tenant-words.ts';

const NOTHING: GaugeReading = { committed: null, held: null, limit: 0n, ticks: [], tone: 'idle' };

export interface TenantGaugeProps {
  store: BoardStore;
  tenantId: string;
  name: string;
  size?: 'row' | 'large';
}

/** A client's gauge, fed by the store past React. */
export function TenantGauge({ store, tenantId, name, size }: TenantGaugeProps): ReactNode {
  const source = useMemo(() => createGaugeSource(store, tenantId), [store, tenantId]);
  return <Gauge source={source} label={`Committed and held of the cap of ${name}`} describe={gaugeText} size={size} />;
}

/** Tells of a change only when that client's row is another one. */
function createGaugeSource(store: BoardStore, tenantId: string): GaugeSource {
  const row = () => store.data.get()?.rows.get(tenantId);
  let painted = row();
  return {
    read() {
      painted = row();
      return painted ? gaugeReading(painted) : NOTHING;
    },
    subscribe: (listener) =>
      store.data.subscribe(() => {
        if (row() !== painted) listener();
      }),
  };
}
