import { useNavigate, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useMemo, type ReactNode } from 'react';
import type { ReportCalls } from '../reports/reports-queries.ts';
import { reportPermission } from '../reports/report-words.ts';
import { useLiveValue } from '../ui/live-value.ts';
import type { ConsoleClient } from './connect.ts';
import { useConsole } from './console-context.ts';
import { useConsoleState } from './use-console-state.ts';

const ReportsPage = lazy(async () => ({ default: (await import('../reports/reports-page.tsx')).ReportsPage }));

export function ReportsRoute(): ReactNode {
  const console = useConsole();
  const { client, reportExport } = console;
  const { stale } = useConsoleState(console);
  const operator = useLiveValue(console.session)?.operator ?? null;
  const { month, client: opened } = useSearch({ from: '/reports' });
  const navigate = useNavigate();
  const calls = useMemo(() => callsOf(client), [client]);
  return (
    <Suspense fallback={null}>
      <ReportsPage
        calls={calls}
        work={reportExport}
        forbidden={reportPermission(operator)}
        stale={stale}
        month={month}
        opened={opened ?? null}
        onGo={(to) =>
          void navigate({
            to: '/reports',
            search: { month: to.month, ...(to.client === null ? {} : { client: to.client }) },
            replace: true,
          })
        }
        onExport={(wish) => reportExport.start((options) => client.reports.export(wish, options))}
      />
    </Suspense>
  );
}

function callsOf({ reports }: ConsoleClient): ReportCalls {
  return {
    months: (signal) => reports.months(undefined, { signal }),
    list: (month, signal) => reports.list({ month }, { signal }),
    preview: (of, signal) => reports.preview(of, { signal }),
    folders: (signal) => reports.folders(undefined, { signal }),
    chooseFolder: (id) => reports.chooseFolder({ id }),
  };
}
