/** The one window: its place on the screens, its port, and what happens when its page ends or hangs. */
import path from 'node:path';
import { BrowserWindow, dialog, MessageChannelMain, screen } from 'electron';
import type { KeptFile } from '../infra/kept-file.ts';
import { createRecovery } from '../shell/recovery.ts';
import { reachablePlace, windowPlace, type WindowPlace } from '../shell/window-place.ts';
import { APP_ADDRESS } from './app-protocol.ts';
import { createConsolePort, isOurPage } from './console-port.ts';
import type { ElectronShellOptions } from './electron-shell.ts';
import { PORT_CHANNEL } from './port-names.ts';
import { windowOptions } from './window-options.ts';

export interface MainWindow {
  readonly browser: BrowserWindow;
  /** Brings it to the front, wherever it is. */
  show(): void;
  /** Closing it hides it from now on, while this says so. */
  keepWhile(wanted: () => boolean): void;
}

export interface MainWindowOptions extends Pick<
  ElectronShellOptions,
  'preload' | 'icons' | 'console' | 'visible' | 'clock' | 'onError' | 'onQuit'
> {
  /** Where its place is kept. */
  readonly placeFile: KeptFile;
}

/** After so long without a move the place is kept. */
const SETTLED_MS = 500;
/** Showing the page again would change nothing. */
const FOR_GOOD: ReadonlySet<string> = new Set(['launch-failed', 'integrity-failure']);

export function openMainWindow(options: MainWindowOptions): MainWindow {
  const { console, visible, onError } = options;
  const kept = readPlace(options.placeFile);
  const place =
    kept &&
    reachablePlace(
      kept,
      screen.getAllDisplays().map(({ workArea }) => workArea),
    );
  const browser = new BrowserWindow(
    windowOptions({ preload: options.preload, icon: path.join(options.icons, 'icon.png'), ...place?.bounds }),
  );
  if (place?.maximised) browser.maximize();
  keepPlace(browser, options);

  const { webContents: contents } = browser;
  const router = console.then((found) => found.router);
  const port = createConsolePort({ router, openChannel: () => new MessageChannelMain(), onError });
  contents.ipc.on(PORT_CHANNEL, (event) => {
    if (event.senderFrame !== null && isOurPage(event, contents.id)) port.handTo(event.senderFrame);
    else onError(new Error('Something other than the page of the window asked for a port; it got none.'));
  });
  browser.on('closed', () => port.close());
  showAgain(browser, options);

  const show = (): void => {
    if (browser.isMinimized()) browser.restore();
    browser.show();
    browser.focus();
  };
  if (visible === 'shown') browser.once('ready-to-show', show);
  let wanted = (): boolean => false;
  browser.on('close', (event) => {
    if (!wanted()) return;
    event.preventDefault();
    browser.hide();
  });
  return { browser, show: visible === 'never' ? () => undefined : show, keepWhile: (now) => (wanted = now) };
}

/** A page that ended is loaded anew, a few times; one that hangs may be ended by the user. */
function showAgain(browser: BrowserWindow, { console, clock, onError, onQuit }: MainWindowOptions): void {
  const recovery = createRecovery(clock);
  const { webContents: contents } = browser;
  contents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit') return;
    onError(new Error(`The page ended by itself: ${reason}.`));
    if (FOR_GOOD.has(reason) || !recovery.mayShowAgain()) {
      onQuit(
        `The window ended by itself again and again (${reason}). Start TenantDesk anew; if it stays so, install it again.`,
      );
      return;
    }
    console
      .then(({ shell }) => shell.tell(`The window had ended by itself (${reason}) and was loaded anew.`))
      .catch(onError);
    browser.loadURL(APP_ADDRESS).catch(onError);
  });
  let asking = false;
  browser.on('unresponsive', () => {
    if (asking) return;
    asking = true;
    dialog
      .showMessageBox(browser, {
        type: 'warning',
        message: 'The window does not answer.',
        detail: 'What was sent is done or not done all the same; nothing is sent twice.',
        buttons: ['Wait', 'Load it anew'],
        defaultId: 0,
        cancelId: 0,
      })
      .then(({ response }) => {
        asking = false;
        if (response === 1) contents.forcefullyCrashRenderer();
      })
      .catch(onError);
  });
}

/** Undefined: there is none, or none that can be read; the usual place is no loss. */
function readPlace(file: KeptFile): WindowPlace | undefined {
  try {
    return windowPlace.parse(JSON.parse(file.read() ?? ''));
  } catch {
    return undefined;
  }
}

function keepPlace(browser: BrowserWindow, { placeFile, clock, onError }: MainWindowOptions): void {
  let stop = (): void => undefined;
  function keep(): void {
    stop();
    try {
      const place: WindowPlace = { bounds: browser.getNormalBounds(), maximised: browser.isMaximized() };
      placeFile.write(JSON.stringify(place));
    } catch (error) {
      onError(error);
    }
  }
  const later = (): void => {
    stop();
    stop = clock.after(SETTLED_MS, keep);
  };
  browser.on('resize', later);
  browser.on('move', later);
  browser.on('close', keep);
  browser.on('closed', () => stop());
}
