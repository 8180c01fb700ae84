import { describe, expect, it } from 'vitest';
import { createFakeLogger } from '../testing/fake-logger.ts';
import type { KeptFile } from './kept-file.ts';
import { createReportFolders, type AskForFolder } from './report-folders.ts';

const DOWNLOADS = { id: 'downloads', path: '/home/asha/Downloads' } as const;
const DOCUMENTS = { id: 'documents', path: '/home/asha/Documents' } as const;

function memoryFile(text?: string): KeptFile {
  let kept = text;
  return {
    path: '/kept',
    read: () => kept,
    write: (next) => void (kept = next),
    setAside: () => '/kept.damaged',
  };
}

const folders = (file = memoryFile(), ask: AskForFolder | null = null) =>
  createReportFolders({ known: [DOWNLOADS, DOCUMENTS], file, ask, log: createFakeLogger() });

describe('the folder for reports', () => {
  it('is the first one until another was chosen, which is remembered', async () => {
    const file = memoryFile();
    const first = folders(file);
    expect(first.state()).toEqual({ chosen: DOWNLOADS, known: [DOWNLOADS, DOCUMENTS], canChoose: false });
    await first.choose('documents');
    expect(first.state().chosen).toEqual(DOCUMENTS);
    expect(folders(file).state().chosen).toEqual(DOCUMENTS);
  });

  it.each(['own', 'desktop'] as const)('is none that is not offered here: %s', async (id) => {
    await expect(folders().choose(id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('is what the shell’s dialog says; closing that changes nothing', async () => {
    const file = memoryFile();
    const answers: (string | null)[] = ['/mnt/reports', null];
    const asked: string[] = [];
    const ask: AskForFolder = async (startAt) => {
      asked.push(startAt);
      return answers.shift() ?? null;
    };
    const own = folders(file, ask);
    await own.choose(null);
    await own.choose(null);
    expect(asked).toEqual([DOWNLOADS.path, '/mnt/reports']);
    expect(own.state()).toMatchObject({ chosen: { id: 'own', path: '/mnt/reports' }, canChoose: true });
    expect(folders(file, ask).state().chosen.path).toBe('/mnt/reports');
    // A shell without a dialog has not chosen it.
    expect(folders(file).state().chosen).toEqual(DOWNLOADS);
  });

  it('is the one that was named on the command line, whatever was chosen before', () => {
    const named = { id: 'exports', path: '/srv/exports' } as const;
    const chosen = createReportFolders({
      known: [named, DOWNLOADS],
      file: memoryFile(JSON.stringify(DOWNLOADS)),
      ask: null,
      log: createFakeLogger(),
    });
    expect(chosen.state().chosen).toEqual(named);
  });

  it('says so where there is no dialog', async () => {
    await expect(folders().choose(null)).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      message: /no dialog for folders/,
    });
  });

  it.each(['', 'null', '{"id":7}', '{"id":"elsewhere","path":"/etc"}'])(
    'is the first one when %j was remembered',
    (text) => expect(folders(memoryFile(text)).state().chosen).toEqual(DOWNLOADS),
  );
});
