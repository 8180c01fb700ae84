/**
 * The console in Electron: life cycle, one window, one port. It holds no rules and starts nothing: the caller hands it the
 * console's router when there is one, hears when the user is done, closes what it opened, and then ends the program here.
 *
 * What has to happen before `ready` happens when the shell is made, so make it while the main module is being evaluated.
 * Nothing here, and nothing at the top level of the main module, may await `whenReady()`: Electron emits `ready` only after
 * the module has been evaluated, and would wait for ever (electron/electron#40719).
 */
import { app, BrowserWindow, dialog, Menu, MessageChannelMain, protocol, session, shell } from 'electron';
import type { ConsoleRouter } from '../app/console-router.ts';
import { loadStaticFiles } from '../app/static-files.ts';
import { answerAppRequest, APP_ADDRESS, APP_SCHEME } from './app-protocol.ts';
import { applicationMenu } from './application-menu.ts';
import { createConsolePort, isOurPage } from './console-port.ts';
import { externalLink } from './external-links.ts';
import { guardContents, guardSession } from './guards.ts';
import { PORT_CHANNEL } from './port-names.ts';
import { windowOptions } from './window-options.ts';

export interface ElectronShellOptions {
  /** Folder of the built page. */
  readonly pageFolder: string;
  /** File of the built preload. */
  readonly preload: string;
  /** The console's router; the window opens before it is there and waits. */
  readonly router: Promise<ConsoleRouter>;
  /** False: the window is drawn but never shown. */
  readonly visible: boolean;
  /** Addresses that the page may have opened in the user's browser. */
  readonly externalLinks: readonly string[];
  /** So many unpredictable bytes. */
  readonly random: (bytes: number) => Buffer;
  /** Hears of errors of the window and its port; never of what was carried. */
  readonly onError: (error: unknown) => void;
  /** The user closed the window or asked to quit. Electron waits for `exit`. */
  readonly onQuit: () => void;
}

export interface ElectronShell {
  /** Resolves when the window shows the page. */
  readonly opened: Promise<void>;
  /** Runs an expression in the page. What comes back is the page's word: parse it, decide nothing by it. */
  evaluate(expression: string): Promise<unknown>;
  /** A sentence for a user who may have no terminal. Returns when they have read it. */
  showError(sentence: string): void;
  /** Asks for a folder with the system's dialog, opened at one. Null: the user closed it. */
  askForFolder(startAt: string): Promise<string | null>;
  /** Ends the program, asking nobody any more. */
  exit(code: number): void;
}

/** Undefined: the console runs already, its window was brought to the front, and this process has to end. */
export function createElectronShell(options: ElectronShellOptions): ElectronShell | undefined {
  app.enableSandbox();
  if (!app.requestSingleInstanceLock()) return undefined;
  protocol.registerSchemesAsPrivileged([APP_SCHEME]);
  app.on('web-contents-created', (_event, contents) =>
    guardContents(contents, (url) => {
      const link = externalLink(url, options.externalLinks);
      if (link !== undefined) void shell.openExternal(link).catch(options.onError);
    }),
  );

  let window: BrowserWindow | undefined;
  let over = false;
  app.on('second-instance', () => {
    if (window?.isMinimized()) window.restore();
    window?.focus();
  });
  app.on('window-all-closed', () => options.onQuit());
  app.on('before-quit', (event) => {
    if (over) return;
    event.preventDefault();
    options.onQuit();
  });

  const opened = app.whenReady().then(async () => {
    guardSession(session.defaultSession);
    Menu.setApplicationMenu(Menu.buildFromTemplate(applicationMenu(process.platform)));
    const files = loadStaticFiles(options.pageFolder);
    protocol.handle(APP_SCHEME.scheme, (request) => answerAppRequest(request, { files, random: options.random }));
    window = openWindow(options);
    await window.loadURL(APP_ADDRESS);
  });
  return {
    opened,
    async evaluate(expression) {
      await opened;
      const value: unknown = await window?.webContents.executeJavaScript(expression);
      return value;
    },
    showError: (sentence) => dialog.showErrorBox('TenantDesk', sentence),
    async askForFolder(startAt) {
      if (!window) return null;
      const { canceled, filePaths } = await dialog.showOpenDialog(window, {
        title: 'Folder for reports',
        defaultPath: startAt,
        properties: ['openDirectory', 'createDirectory'],
      });
      return canceled ? null : (filePaths[0] ?? null);
    },
    exit(code) {
      over = true;
      app.exit(code);
    },
  };
}

function openWindow({ preload, router, visible, onError }: ElectronShellOptions): BrowserWindow {
  const window = new BrowserWindow(windowOptions(preload));
  const contents = window.webContents;
  const port = createConsolePort({ router, openChannel: () => new MessageChannelMain(), onError });
  contents.ipc.on(PORT_CHANNEL, (event) => {
    if (event.senderFrame !== null && isOurPage(event, contents.id)) port.handTo(event.senderFrame);
    else onError(new Error('Something other than the page of the window asked for a port; it got none.'));
  });
  contents.on('render-process-gone', (_event, { reason }) =>
    onError(new Error(`The page ended by itself: ${reason}.`)),
  );
  if (visible) window.once('ready-to-show', () => window.show());
  window.on('closed', () => port.close());
  return window;
}
