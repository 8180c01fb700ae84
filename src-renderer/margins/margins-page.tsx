import { lazy, Suspense, useMemo, useState, type ReactNode } from 'react';
import type { MarginsState } from '../../src-main/contract/margins.ts';
import { formatMonth, formatToTheSecond } from '../ui/format-instant.ts';
import { AgeOf } from '../ui/age-of.tsx';
import { useShortcuts } from '../ui/shortcuts.ts';
import { SkeletonRows, StaleLine, StatePanel } from '../ui/state-panel.tsx';
import { MarginBands } from './margin-bands.tsx';
import { MarginPanel, type MarginPanelProps } from './margin-panel.tsx';
import { MarginTable } from './margin-table.tsx';
import { MarginTiles } from './margin-tiles.tsx';
import { MarginTrend } from './margin-trend.tsx';
import type { FetchRates } from './margins-queries.ts';
import type { SendRate } from './rate-dialog.tsx';
import classes from './margins-page.module.css';

const RateDialog = lazy(async () => ({ default: (await import('./rate-dialog.tsx')).RateDialog }));

export interface MarginsPageProps extends Pick<
  MarginPanelProps,
  'permission' | 'fetchDrivers' | 'fetchContracts' | 'sendContract' | 'links'
> {
  /** Null before the first answer. */
  state: MarginsState | null;
  /** Why the figures may be from before; null when live. */
  stale: string | null;
  /** Now by the platform's clock. */
  now: () => Date;
  /** The client whose panel is open. */
  opened: string | null;
  fetchRates: FetchRates;
  sendRate: SendRate;
  onOpen: (tenantId: string | null) => void;
  onMonth: (month: string) => void;
}

/** What each client earns: the fleet's month, 13 months, every client with the largest loss first. */
export function MarginsPage(props: MarginsPageProps): ReactNode {
  const { state, stale, now, opened, permission, fetchRates, sendRate, onOpen, onMonth } = props;
  const [cursor, setCursor] = useState<string | null>(opened);
  const [focusRequest, setFocusRequest] = useState(0);
  const [rates, setRates] = useState(false);
  const rows = useMemo(() => state?.rows ?? [], [state]);
  const openedRow = rows.find(({ tenantId }) => tenantId === opened);

  function step(by: number): void {
    const from = rows.findIndex(({ tenantId }) => tenantId === cursor);
    const row = rows[Math.min(rows.length - 1, Math.max(0, from + by))];
    if (!row) return;
    setCursor(row.tenantId);
    setFocusRequest((count) => count + 1);
    if (opened !== null) onOpen(row.tenantId);
  }
  useShortcuts({
    j: () => step(1),
    k: () => step(-1),
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    Escape: () => {
      if (opened === null) return;
      onOpen(null);
      setFocusRequest((count) => count + 1);
    },
  });

  if (permission.see !== null) {
    return (
      <div className={classes['page']}>
        <h1 className="td-unseen">Margins</h1>
        <StatePanel kind="empty" title="Margins are not for your role">
          {permission.see}
        </StatePanel>
      </div>
    );
  }
  const running = state !== null && rows.some(({ basis }) => basis === 'running');
  return (
    <div className={classes['page']}>
      <div className={classes['margins']} data-old={stale !== null || Boolean(state?.trouble)}>
        <h1 className="td-unseen">Margins</h1>
        {stale !== null ? (
          <StaleLine>{stale}</StaleLine>
        ) : state?.trouble ? (
          <StaleLine>{state.trouble}</StaleLine>
        ) : null}
        {state === null || (state.asOf === null && state.trouble === null) ? (
          <SkeletonRows rows={14} label="Margins are on their way" />
        ) : (
          <>
            {state.fleet ? <MarginTiles state={state} fleet={state.fleet} /> : null}
            {state.fleet || rows.length > 0 ? (
              <div className={classes['charts']}>
                <MarginTrend trend={state.trend} />
                <MarginBands rows={rows} basis={running ? 'forecast' : 'final'} />
              </div>
            ) : null}
            <div className={classes['bar']}>
              <label>
                Month{' '}
                <select aria-label="Month" value={state.month} onChange={(event) => onMonth(event.currentTarget.value)}>
                  {state.trend.toReversed().map(({ month }) => (
                    <option key={month} value={month}>
                      {formatMonth(month)}
                      {month === state.running ? ' (running)' : ''}
                    </option>
                  ))}
                </select>
              </label>
              <button type="button" className="td-button" onClick={() => setRates(true)}>
                Exchange rates
              </button>
              <span className={classes['note']}>
                {notes(state)}
                {state.asOf === null ? null : (
                  <>
                    as of {formatToTheSecond(state.asOf)} · <AgeOf asOf={state.asOf} now={now} />
                  </>
                )}
              </span>
            </div>
            {rows.length === 0 ? (
              <StatePanel kind="empty" title={`No margin in ${formatMonth(state.month)}`}>
                No client that you may see has a contract or usage in this month. Both appear here by themselves.
              </StatePanel>
            ) : (
              <>
                {rows.every(({ contract }) => contract === null) ? (
                  <p className={classes['hint']}>
                    No client has a contract in this month, so costs are known and margins are not. Open a client to
                    enter its contract.
                  </p>
                ) : null}
                <MarginTable
                  rows={rows}
                  running={running}
                  cursor={cursor}
                  opened={opened}
                  focusRequest={focusRequest}
                  onOpen={(tenantId) => {
                    setCursor(tenantId);
                    onOpen(tenantId);
                  }}
                  onSelect={setCursor}
                />
              </>
            )}
          </>
        )}
      </div>
      {state && openedRow ? (
        <MarginPanel
          key={openedRow.tenantId}
          {...props}
          row={openedRow}
          month={state.month}
          runningMonth={state.running}
          onClose={() => onOpen(null)}
        />
      ) : null}
      <Suspense fallback={null}>
        {rates ? (
          <RateDialog
            fetchRates={fetchRates}
            send={sendRate}
            forbidden={permission.change}
            onClose={() => setRates(false)}
          />
        ) : null}
      </Suspense>
    </div>
  );
}

function notes({ fleet, rows }: MarginsState): string {
  const parts = [
    `${rows.length.toLocaleString('en-US')} ${rows.length === 1 ? 'client' : 'clients'}`,
    fleet && fleet.withoutContract > 0 ? `AI cost includes ${fleet.withoutContract} without a contract` : '',
    fleet && fleet.withoutRate > 0 ? `${fleet.withoutRate} without a rate left out of the sums` : '',
    fleet && fleet.currency !== 'USD' ? `1 ${fleet.currency} = $${fleet.fx.usdPerUnit}, ${fleet.fx.date}` : '',
    '',
  ];
  return parts.filter((part, index) => part !== '' || index === parts.length - 1).join(' · ');
}
