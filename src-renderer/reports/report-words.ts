import type { ReportEntry, ReportFolder } from '../../src-main/contract/reports.ts';
import type { SessionState } from '../../src-main/contract/session.ts';
import { formatAge } from '../ui/format-instant.ts';
import type { StateShape, Tone } from '../ui/state-mark.tsx';

/** Why the operator gets no reports, in a sentence; null: they do, as far as the window knows. Only the database decides. */
export function reportPermission(operator: SessionState['operator']): string | null {
  return operator?.role === 'viewer'
    ? 'Your role, viewer, sees clients, caps and usage, but makes no reports. Ask an operator or an admin for the one you need.'
    : null;
}

/** Whether a client's month can be reported, in words and a shape. `can` is false where there is nothing to print. */
export function entryState(
  entry: Pick<ReportEntry, 'calls' | 'keptAsOf'>,
  source: 'platform' | 'kept',
  now: Date,
): { word: string; shape: StateShape; tone: Tone; can: boolean } {
  if (source === 'kept') {
    return entry.keptAsOf === null
      ? { word: 'no copy here', shape: 'dashed', tone: 'idle', can: false }
      : {
          word: `copy, ${formatAge(now.getTime() - entry.keptAsOf.getTime())} old`,
          shape: 'triangle',
          tone: 'warn',
          can: true,
        };
  }
  return entry.calls === null
    ? { word: 'no data', shape: 'dashed', tone: 'idle', can: false }
    : { word: entry.keptAsOf === null ? 'ready' : 'ready, copy kept', shape: 'circle', tone: 'calm', can: true };
}

export const FOLDER_WORDS: Record<ReportFolder['id'], string> = {
  exports: 'Named at the start',
  downloads: 'Downloads',
  documents: 'Documents',
  desktop: 'Desktop',
  own: 'Chosen folder',
};

/** "1 client", "12 clients" */
export function clients(count: number): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? 'client' : 'clients'}`;
}

/** "140 kB" */
export function fileSize(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.max(1, Math.round(bytes / 1000))} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
