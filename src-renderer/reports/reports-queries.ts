import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { ReportDocument } from '../../src-main/contract/report-document.ts';
import type { ReportFolders, ReportList, ReportMonth } from '../../src-main/contract/reports.ts';

/** What the page asks of main. */
export interface ReportCalls {
  readonly months: (signal: AbortSignal) => Promise<ReportMonth[]>;
  readonly list: (month: string, signal: AbortSignal) => Promise<ReportList>;
  readonly preview: (of: { tenantId: string; month: string }, signal: AbortSignal) => Promise<ReportDocument>;
  readonly folders: (signal: AbortSignal) => Promise<ReportFolders>;
  readonly chooseFolder: (id: ReportFolders['chosen']['id'] | null) => Promise<ReportFolders>;
}

const REFRESH_MS = 15_000;

export const monthsQuery = (calls: ReportCalls) =>
  queryOptions({
    queryKey: ['reports', 'months'],
    queryFn: ({ signal }) => calls.months(signal),
    refetchInterval: REFRESH_MS,
    staleTime: 1_000,
  });

/** `away`: so is the platform, as far as the window knows; the answer is another one then. */
export const listQuery = (calls: ReportCalls, month: string | undefined, away: boolean) =>
  queryOptions({
    queryKey: ['reports', 'list', month, away],
    queryFn: ({ signal }) => calls.list(month ?? '', signal),
    enabled: month !== undefined,
    refetchInterval: REFRESH_MS,
    staleTime: 1_000,
    placeholderData: keepPreviousData,
  });

/** `running`: the month goes on, and the preview with it. */
export const previewQuery = (calls: ReportCalls, of: { tenantId: string; month: string }, running: boolean) =>
  queryOptions({
    queryKey: ['reports', 'preview', of.month, of.tenantId],
    queryFn: ({ signal }) => calls.preview(of, signal),
    refetchInterval: running ? REFRESH_MS : false,
    staleTime: 1_000,
  });

export const foldersQuery = (calls: ReportCalls) =>
  queryOptions({ queryKey: ['reports', 'folders'], queryFn: ({ signal }) => calls.folders(signal), staleTime: 60_000 });
