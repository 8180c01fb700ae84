import '@mantine/core/styles.css';
import '../../../../src-renderer/ui/theme.css';
import { MantineProvider } from '@mantine/core';
import { createRoot } from 'react-dom/client';
import { createBoardStore } from '../../../../src-renderer/board/board-store.ts';
import { BoardTable } from '../../../../src-renderer/board/board-table.tsx';
import { useWorkHold } from '../../../../src-renderer/board/work-hold.ts';
import { orderBoard } from '../../../../src-renderer/board/board-order.ts';
import type { BoardStore } from '../../../../src-renderer/board/board-store.ts';
import type { Variant } from './variant.ts';

/** The window's own table, gauges and store. */
export const showBoard: Variant = (place, feed) => {
  const store = createBoardStore(() => performance.now());
  store.apply(feed.first);
  feed.onFrame((frame) => store.apply(frame));
  createRoot(place).render(
    <MantineProvider>
      <Board store={store} />
    </MantineProvider>,
  );
};

const monotonicMs = (): number => performance.now();

function Board({ store }: { store: BoardStore }) {
  const hold = useWorkHold(monotonicMs);
  return (
    <div style={{ display: 'flex', flexDirection: 'column', height: '100vh' }}>
      <BoardTable
        order={orderBoard(store.data.get()?.rows.values() ?? [])}
        tools={{ store, capControl: () => null, capNote: () => null, margin: () => null, mark: () => null }}
        cursor={null}
        opened={null}
        focusRequest={0}
        old={false}
        hold={hold}
        onOpen={() => undefined}
        onSelect={() => undefined}
      />
    </div>
  );
}
