import { describe, expect, it } from 'vitest';
import type { KeptFile } from '../infra/kept-file.ts';
import { createFakeLogger } from '../testing/fake-logger.ts';
import { createWelcomeNote } from './welcome-note.ts';

function memoryFile(refuses = false): KeptFile {
  let kept: string | undefined;
  const refuse = (): void => {
    if (refuses) throw new Error('EACCES');
  };
  return {
    path: '/kept',
    read() {
      refuse();
      return kept;
    },
    write(text) {
      refuse();
      kept = text;
    },
    setAside: () => '/aside',
  };
}
const noteOn = (file: KeptFile) => createWelcomeNote(file, () => new Date('2026-11-21T08:00:00Z'), createFakeLogger());

describe('the words of the first start', () => {
  it('are shown until they are put away, which the next start knows', () => {
    const file = memoryFile();
    const first = noteOn(file);
    expect(first.state()).toEqual({ seen: false });
    expect(first.putAway()).toEqual({ seen: true });
    expect(noteOn(file).state()).toEqual({ seen: true });
  });

  it('can be put away where nothing can be kept', () => {
    const note = noteOn(memoryFile(true));
    expect(note.state()).toEqual({ seen: false });
    expect(note.putAway()).toEqual({ seen: true });
    expect(note.state()).toEqual({ seen: true });
  });
});
