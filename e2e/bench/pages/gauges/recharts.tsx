import { useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { Pie, PieChart } from 'recharts';
import type { BoardRow } from '../../../../src-main/contract/board.ts';
import type { Feed, Variant } from './variant.ts';

/** A half pie a client, as the sketches of a first wish had it; drawn again from state with each frame. */
export const showRecharts: Variant = (place, feed) => {
  createRoot(place).render(<Wall feed={feed} />);
};

function Wall({ feed }: { feed: Feed }) {
  const [rows, setRows] = useState<readonly BoardRow[]>(feed.first.rows);
  useEffect(() => feed.onFrame((frame) => setRows(frame.rows)), [feed]);
  return (
    <div style={{ display: 'flex', flexWrap: 'wrap' }}>
      {rows.map((row) => (
        <HalfPie key={row.tenantId} row={row} />
      ))}
    </div>
  );
}

function HalfPie({ row }: { row: BoardRow }) {
  const committed = Number(row.committedNanoUsd ?? 0n);
  const held = Number(row.heldNanoUsd ?? 0n);
  const rest = Math.max(0, Number(row.cap?.limitNanoUsd ?? 0n) - committed - held);
  return (
    <PieChart width={90} height={60}>
      <Pie
        data={[{ value: committed }, { value: held }, { value: rest }]}
        dataKey="value"
        startAngle={180}
        endAngle={0}
        cy={50}
        innerRadius={24}
        outerRadius={40}
        isAnimationActive={false}
      />
    </PieChart>
  );
}
