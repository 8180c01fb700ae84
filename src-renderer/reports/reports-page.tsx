import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useDeferredValue, useMemo, useRef, useState, type ReactNode } from 'react';
import type { ReportExport as ExportState } from '../../src-main/contract/reports.ts';
import { formatAge, formatMonth, formatSince } from '../ui/format-instant.ts';
import type { LongWork } from '../ui/long-work.ts';
import { useShortcuts } from '../ui/shortcuts.ts';
import { SkeletonRows, StaleLine, StatePanel } from '../ui/state-panel.tsx';
import { ReportExport, type ReportFormat } from './report-export.tsx';
import { ReportList } from './report-list.tsx';
import { ReportPaper } from './report-paper.tsx';
import { clients, entryState } from './report-words.ts';
import { foldersQuery, listQuery, monthsQuery, previewQuery, type ReportCalls } from './reports-queries.ts';
import classes from './reports-page.module.css';

export interface ReportsPageProps {
  calls: ReportCalls;
  work: LongWork<ExportState>;
  /** Why this operator gets no reports; null: they do. */
  forbidden: string | null;
  /** Why figures may be from before; null when live. */
  stale: string | null;
  /** As the address names them. */
  month: string | undefined;
  opened: string | null;
  onGo: (to: { month: string | undefined; client: string | null }) => void;
  onExport: (wish: { tenantIds: string[]; month: string; formats: ReportFormat[] }) => void;
}

/** A month, its clients, what the report of one looks like, and files of as many as are chosen. */
export function ReportsPage(props: ReportsPageProps): ReactNode {
  return (
    <div className={classes['page']}>
      <h1 className="td-unseen">Reports</h1>
      {props.forbidden === null ? (
        <Reports {...props} />
      ) : (
        <StatePanel kind="empty" title="Reports are not for your role">
          {props.forbidden}
        </StatePanel>
      )}
    </div>
  );
}

function Reports({ calls, work, stale, month: asked, opened, onGo, onExport }: ReportsPageProps): ReactNode {
  const queries = useQueryClient();
  const months = useQuery(monthsQuery(calls));
  // The last finished month is what clients are sent.
  const month = asked ?? (months.data?.find(({ basis }) => basis === 'final') ?? months.data?.[0])?.month;
  // What can be reported, and from what, is another thing the moment the platform goes or comes back.
  const list = useQuery(listQuery(calls, month, stale !== null));
  const folders = useQuery(foldersQuery(calls));
  const [search, setSearch] = useState('');
  const wanted = useDeferredValue(search).trim().toLowerCase();
  const [chosenBefore, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [focusRequest, setFocusRequest] = useState(0);
  const field = useRef<HTMLInputElement>(null);
  const { source = 'platform', entries } = list.data ?? {};
  const now = useMemo(() => new Date(list.dataUpdatedAt), [list.dataUpdatedAt]);
  const shown = useMemo(
    () => (entries ?? []).filter(({ name, slug }) => `${name} ${slug}`.toLowerCase().includes(wanted)),
    [entries, wanted],
  );
  const able = useMemo(
    () =>
      new Set((entries ?? []).filter((entry) => entryState(entry, source, now).can).map(({ tenantId }) => tenantId)),
    [entries, source, now],
  );
  // A client that is opened is meant; boxes choose more.
  const chosen = useMemo(() => new Set([...chosenBefore].filter((id) => able.has(id))), [chosenBefore, able]);
  const exported = chosen.size > 0 ? [...chosen] : opened !== null && able.has(opened) ? [opened] : [];
  const ableShown = shown.filter(({ tenantId }) => able.has(tenantId));
  const allChosen = ableShown.length > 0 && ableShown.every(({ tenantId }) => chosen.has(tenantId));

  const choose = (ids: readonly string[], take: boolean): void =>
    setChosen((before) => new Set([...before].filter((id) => !ids.includes(id)).concat(take ? ids : [])));
  function step(by: number): void {
    const from = shown.findIndex(({ tenantId }) => tenantId === opened);
    const to = shown[Math.min(shown.length - 1, Math.max(0, from + by))];
    if (!to) return;
    onGo({ month: asked, client: to.tenantId });
    setFocusRequest((count) => count + 1);
  }
  useShortcuts({
    j: () => step(1),
    k: () => step(-1),
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    '/': () => field.current?.focus(),
    Escape: () => onGo({ month: asked, client: null }),
  });

  const trouble = months.error ?? list.error;
  if (trouble && !list.data) {
    return (
      <StatePanel
        kind="error"
        title="The clients’ months could not be read"
        action={
          <button
            type="button"
            className="td-button"
            onClick={() => void queries.invalidateQueries({ queryKey: ['reports'] })}
          >
            Ask again
          </button>
        }
      >
        {trouble.message}
      </StatePanel>
    );
  }
  const entry = entries?.find(({ tenantId }) => tenantId === opened);
  return (
    <>
      <div className={classes['left']}>
        {stale === null ? null : <StaleLine>{stale}</StaleLine>}
        {list.data?.source === 'kept' ? (
          <StaleLine>
            The platform is away. Reports are made of the copies kept here; each says how old its data is.
          </StaleLine>
        ) : null}
        <div className={classes['bar']}>
          <label>
            Month{' '}
            <select
              aria-label="Month"
              value={month ?? ''}
              onChange={({ currentTarget: { value } }) => onGo({ month: value, client: opened })}
            >
              {months.data?.map(({ month: one, basis }) => (
                <option key={one} value={one}>
                  {formatMonth(one)}
                  {basis === 'running' ? ' (running)' : ''}
                </option>
              ))}
            </select>
          </label>
          <input
            ref={field}
            type="search"
            className={classes['search']}
            aria-label="Find a client"
            placeholder="Find a client"
            value={search}
            onChange={({ currentTarget: { value } }) => setSearch(value)}
          />
        </div>
        <div className={classes['bar']}>
          <label>
            <input
              type="checkbox"
              checked={allChosen}
              disabled={ableShown.length === 0}
              onChange={({ currentTarget: { checked } }) =>
                choose(
                  ableShown.map(({ tenantId }) => tenantId),
                  checked,
                )
              }
            />
            {wanted === '' ? 'All that are ready' : 'All found'}
          </label>
          <span className={classes['note']}>
            {entries ? `${clients(shown.length)} · ${chosen.size} chosen` : ''}
            {list.data ? ` · as of ${formatSince(list.data.asOf)}` : ''}
          </span>
        </div>
        {months.data?.length === 0 ? (
          <StatePanel kind="empty" title="No month to report on">
            No client that you may see has been here in any month. The first one’s month appears by itself.
          </StatePanel>
        ) : entries === undefined ? (
          <SkeletonRows rows={12} label="Clients are on their way" />
        ) : shown.length === 0 ? (
          <StatePanel kind="empty" title={entries.length === 0 ? 'No client to report on' : 'No client has that name'}>
            {entries.length === 0
              ? 'You see no clients, or none was there in this month. A client appears here by itself.'
              : 'Clear the field to see all of them.'}
          </StatePanel>
        ) : (
          <ReportList
            entries={shown}
            source={source}
            now={now}
            chosen={chosen}
            opened={opened}
            focusRequest={focusRequest}
            onOpen={(tenantId) => onGo({ month: asked, client: tenantId })}
            onChoose={(tenantId, take) => choose([tenantId], take)}
          />
        )}
        <ReportExport
          work={work}
          chosen={exported.length}
          folders={folders.data}
          chooseFolder={async (id) => {
            queries.setQueryData(foldersQuery(calls).queryKey, await calls.chooseFolder(id));
          }}
          onStart={(formats) => {
            if (month !== undefined) onExport({ tenantIds: exported, month, formats });
          }}
        />
      </div>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, also by keys */}
      <section className={classes['preview']} aria-label="Preview" tabIndex={0}>
        {opened === null || month === undefined ? (
          <StatePanel kind="empty" title="No client opened">
            Click a client to see its report as it will be printed.
          </StatePanel>
        ) : entry && !able.has(opened) ? (
          <StatePanel kind="empty" title={`No report of ${entry.name} for ${formatMonth(month)}`}>
            {source === 'kept'
              ? 'There is no copy of it on this machine, and the platform is away. It can be made when the platform is back.'
              : `${entry.name} made no calls in this month.`}
          </StatePanel>
        ) : (
          <Preview
            key={`${month} ${opened}`}
            calls={calls}
            of={{ tenantId: opened, month }}
            running={months.data?.some((one) => one.month === month && one.basis === 'running') ?? false}
            keptAge={source === 'kept' && entry?.keptAsOf ? formatAge(now.getTime() - entry.keptAsOf.getTime()) : null}
          />
        )}
      </section>
    </>
  );
}

interface PreviewProps {
  calls: ReportCalls;
  of: { tenantId: string; month: string };
  running: boolean;
  /** How old the copy is that it is made of; null: it is made of what the platform says now. */
  keptAge: string | null;
}

function Preview({ calls, of, running, keptAge }: PreviewProps): ReactNode {
  const { data, error, refetch } = useQuery(previewQuery(calls, of, running));
  if (data) {
    return (
      <>
        {keptAge === null ? null : <StaleLine>Made of the copy kept here: its data is {keptAge} old.</StaleLine>}
        <ReportPaper document={data} />
      </>
    );
  }
  if (!error) return <SkeletonRows rows={14} label="The report is on its way" />;
  return (
    <StatePanel
      kind="error"
      title="The report could not be made"
      action={
        <button type="button" className="td-button" onClick={() => void refetch()}>
          Ask again
        </button>
      }
    >
      {error.message}
    </StatePanel>
  );
}
