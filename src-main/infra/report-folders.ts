import { reportFolder, type ReportFolder } from '../contract/reports.ts';
import { createExportFolder, type ExportFolder } from './export-file.ts';
import type { KeptFile } from './kept-file.ts';
import type { Logger } from './logger.ts';
import { OperatorError } from './operator-error.ts';

/** Asks with the shell's own dialog, opened at a folder. Null: the operator closed it. */
export type AskForFolder = (startAt: string) => Promise<string | null>;

export interface ReportFolders {
  state(): { readonly chosen: ReportFolder; readonly known: readonly ReportFolder[]; readonly canChoose: boolean };
  /**
   * Takes a known folder, or (null) asks with the shell's dialog; who closes that leaves everything as it was. Remembered.
   * Throws OperatorError: NOT_FOUND for an id that is not known, BAD_REQUEST where there is no dialog.
   */
  choose(id: ReportFolder['id'] | null): Promise<void>;
  /** The chosen one, to write to. */
  folder(): ExportFolder;
}

export interface ReportFoldersOptions {
  /** At least one; the first is taken until another was chosen. One with the id `exports` was named for this start, and is taken. */
  readonly known: readonly [ReportFolder, ...ReportFolder[]];
  /** Where the choice is remembered. */
  readonly file: KeptFile;
  readonly ask: AskForFolder | null;
  readonly log: Logger;
}

export function createReportFolders({ known, file, ask, log }: ReportFoldersOptions): ReportFolders {
  let own: ReportFolder | null = null;
  let chosen: ReportFolder = known[0];

  const remembered = readChoice(file, log);
  const named = known.find(({ id }) => id === 'exports');
  if (named) chosen = named;
  else if (remembered?.id === 'own' && ask) chosen = own = remembered;
  else chosen = known.find(({ id }) => id === remembered?.id) ?? chosen;

  function take(folder: ReportFolder): void {
    chosen = folder;
    try {
      file.write(JSON.stringify(folder));
    } catch (error) {
      // It holds until the console is closed, and is asked for again then.
      log.warn('The folder for reports could not be remembered.', { error: String(error) });
    }
  }

  const all = (): ReportFolder[] => (own ? [...known, own] : [...known]);
  return {
    state: () => ({ chosen, known: all(), canChoose: ask !== null }),
    async choose(id) {
      if (id !== null) {
        const folder = all().find((one) => one.id === id);
        if (!folder) throw new OperatorError('NOT_FOUND', 'This folder is not offered any more. Choose another one.');
        return take(folder);
      }
      if (!ask) {
        throw new OperatorError(
          'BAD_REQUEST',
          'This window has no dialog for folders. Take one of those offered, or start with --exports DIR.',
        );
      }
      const path = await ask(chosen.path);
      if (path === null) return;
      own = { id: 'own', path };
      take(own);
    },
    folder: () => createExportFolder(chosen.path),
  };
}

function readChoice(file: KeptFile, log: Logger): ReportFolder | null {
  try {
    const text = file.read();
    return text === undefined ? null : reportFolder.parse(JSON.parse(text));
  } catch (error) {
    log.warn('The remembered folder for reports could not be read.', { error: String(error) });
    return null;
  }
}
