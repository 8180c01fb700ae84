import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, it } from 'vitest';
import type { UpdatesState } from '../../src-main/contract/shell.ts';
import { VersionNews } from './version-news.tsx';

const STATE: UpdatesState = { current: '0.1.0', step: 'none', version: null, percent: null, trouble: null };

it.each([
  [{}, 'This is TenantDesk 0.1.0.', 'Look now'],
  [{ step: 'newest' }, 'the newest version', 'Look now'],
  [{ step: 'checking' }, 'Looking for a newer version', null],
  [{ step: 'found', version: '0.2.0' }, 'Version 0.2.0 is there.', 'Download'],
  [{ step: 'downloading', version: '0.2.0', percent: 40 }, '0.2.0 is being downloaded: 40 %', null],
  [{ step: 'ready', version: '0.2.0' }, 'Version 0.2.0 is downloaded', 'Restart to install'],
  [{ step: 'installing', version: '0.2.0' }, 'Closing to install version 0.2.0', null],
  [{ trouble: 'The server could not be asked.' }, 'The server could not be asked.', 'Look now'],
] as const)('%j: %s, and the click that is next', (part, sentence, button) => {
  const page = renderToStaticMarkup(
    createElement(VersionNews, { state: { ...STATE, ...part }, update: async () => undefined }),
  );
  expect(page).toContain(sentence);
  expect(/<button[^>]*>([^<]*)</.exec(page)?.[1] ?? null).toBe(button);
});
