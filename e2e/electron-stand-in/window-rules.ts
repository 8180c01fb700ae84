import type { BrowserWindowConstructorOptions, WebPreferences } from 'electron';
import { refused, undeclared } from './strict.ts';

/** Guards that must be written out; Electron's defaults are not trusted to stay. */
const DEMANDED = {
  contextIsolation: true,
  sandbox: true,
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  nodeIntegrationInSubFrames: false,
  webSecurity: true,
  allowRunningInsecureContent: false,
  experimentalFeatures: false,
  webviewTag: false,
} as const satisfies WebPreferences;

const KNOWN_PREFERENCES = [
  ...(Object.keys(DEMANDED) as (keyof WebPreferences)[]),
  'preload',
  'plugins',
  'navigateOnDragDrop',
  'spellcheck',
  'javascript',
  'session',
] satisfies (keyof WebPreferences)[];

const KNOWN_OPTIONS: (keyof BrowserWindowConstructorOptions)[] = [
  'title',
  'icon',
  'x',
  'y',
  'width',
  'height',
  'minWidth',
  'minHeight',
  'show',
  'autoHideMenuBar',
  'webPreferences',
];

/**
 * Throws for a window that is less closed than this project wants, or has an option nobody thought about here. One without a preload
 * shows a page in which nothing runs, in a session of its own.
 */
export function checkWindowOptions(options: BrowserWindowConstructorOptions): { preload: string | undefined } {
  for (const key of Object.keys(options)) {
    if (!KNOWN_OPTIONS.some((known) => known === key)) throw undeclared(`BrowserWindow option ${key}`);
  }
  const preferences = options.webPreferences ?? {};
  for (const key of Object.keys(preferences)) {
    if (!KNOWN_PREFERENCES.some((known) => known === key)) throw undeclared(`webPreferences.${key}`);
  }
  for (const [key, wanted] of Object.entries(DEMANDED)) {
    if (preferences[key as keyof typeof DEMANDED] !== wanted) throw refused(`webPreferences.${key} must be ${wanted}`);
  }
  if (preferences.preload === undefined) {
    if (preferences.javascript !== false || !preferences.session) {
      throw refused('a window without a preload has no port, unless nothing runs in it and its session is its own');
    }
    if (options.show !== false) throw refused('a window without a port is seen');
  }
  return { preload: preferences.preload };
}
