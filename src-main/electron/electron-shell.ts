/**
 * The console in Electron: life cycle, one window, one port, and what stands around it (tray, notifications, links). It holds no rules
 * and starts nothing: the caller hands it the console when there is one, hears when the user is done, closes what it opened, and then
 * ends the program here.
 *
 * What has to happen before `ready` happens when the shell is made, so make it while the main module is being evaluated.
 * Nothing here, and nothing at the top level of the main module, may await `whenReady()`: Electron emits `ready` only after
 * the module has been evaluated, and would wait for ever (electron/electron#40719).
 */
import path from 'node:path';
import { app, dialog, Menu, protocol, session, shell } from 'electron';
import type { Console } from '../app/create-console.ts';
import { loadStaticFiles } from '../app/static-files.ts';
import type { WantedPlace } from '../contract/shell.ts';
import type { Clock } from '../infra/clock.ts';
import { createKeptFile } from '../infra/kept-file.ts';
import { LINK_SCHEME, placeOfArguments, placeOfLink } from '../shell/tenant-link.ts';
import { answerAppRequest, APP_ADDRESS, APP_SCHEME } from './app-protocol.ts';
import { applicationMenu } from './application-menu.ts';
import { attendConsole } from './attend-console.ts';
import { externalLink } from './external-links.ts';
import { guardContents, guardSession } from './guards.ts';
import { openMainWindow, type MainWindow } from './main-window.ts';

/** What the shell needs of the console. */
export type ShellConsole = Pick<Console, 'router' | 'shell' | 'lock'>;

export interface ElectronShellOptions {
  /** Folder of the built page. */
  readonly pageFolder: string;
  /** File of the built preload. */
  readonly preload: string;
  /** Folder of the pictures for window and tray. */
  readonly icons: string;
  /** The window opens before it is there and waits. */
  readonly console: Promise<ShellConsole>;
  /** hidden: the tray is there, the window waits to be asked for; never: the window is drawn and nothing is seen of the program. */
  readonly visible: 'shown' | 'hidden' | 'never';
  /** What the program was started with; a link among it leads to a client. */
  readonly argv: readonly string[];
  /** Addresses that the page may have opened in the user's browser. */
  readonly externalLinks: readonly string[];
  readonly clock: Clock;
  /** So many unpredictable bytes. */
  readonly random: (bytes: number) => Buffer;
  /** Hears of errors of the window and its port; never of what was carried. */
  readonly onError: (error: unknown) => void;
  /** The user closed the window or asked to quit, or (with a sentence) the window can't be kept. Electron waits for `exit`. */
  readonly onQuit: (trouble?: string) => void;
}

export interface ElectronShell {
  /** Where an installed program keeps what is its own; undefined: it runs from its sources. */
  readonly installedIn: string | undefined;
  /** Resolves when Electron can be asked for anything. */
  readonly ready: Promise<void>;
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

const NO_VAULT =
  'Nothing was locked: there is no vault that could unlock it again. Make one first: ▾ beside the platform’s name.';

/** Undefined: the console runs already, its window was brought to the front, and this process has to end. */
export function createElectronShell(options: ElectronShellOptions): ElectronShell | undefined {
  const { console, onError } = options;
  app.enableSandbox();
  if (!app.requestSingleInstanceLock()) return undefined;
  protocol.registerSchemesAsPrivileged([APP_SCHEME]);
  app.on('web-contents-created', (_event, contents) =>
    guardContents(contents, (url) => {
      const link = externalLink(url, options.externalLinks);
      if (link !== undefined) void shell.openExternal(link).catch(onError);
    }),
  );

  let main: MainWindow | undefined;
  let over = false;
  const commands = {
    open: () => main?.show(),
    want(place: WantedPlace) {
      console.then((found) => found.shell.want(place)).catch(onError);
      main?.show();
    },
    lock() {
      console
        .then(async (found) => {
          if (await found.lock('command')) return;
          found.shell.tell(NO_VAULT);
          main?.show();
        })
        .catch(onError);
    },
    quit: () => app.quit(),
  };
  const arrive = (place: WantedPlace | undefined): void => (place ? commands.want(place) : commands.open());
  app.on('second-instance', (_event, argv) => arrive(placeOfArguments(argv)));
  app.on('open-url', (event, url) => {
    event.preventDefault();
    arrive(placeOfLink(url));
  });
  app.on('activate', commands.open);
  // A development start is not what links should open.
  if (app.isPackaged) app.setAsDefaultProtocolClient(LINK_SCHEME, process.execPath, ['--']);
  const first = placeOfArguments(options.argv);
  if (first) commands.want(first);

  app.on('child-process-gone', (_event, { type, reason }) => {
    if (reason !== 'clean-exit') onError(new Error(`A part of the program ended by itself: ${type}, ${reason}.`));
  });
  app.on('window-all-closed', () => options.onQuit());
  app.on('before-quit', (event) => {
    if (over) return;
    event.preventDefault();
    options.onQuit();
  });

  const opened = app.whenReady().then(async () => {
    guardSession(session.defaultSession);
    Menu.setApplicationMenu(Menu.buildFromTemplate(applicationMenu(process.platform, commands)));
    const files = loadStaticFiles(options.pageFolder);
    protocol.handle(APP_SCHEME.scheme, (request) => answerAppRequest(request, { files, random: options.random }));
    const window = openMainWindow({
      ...options,
      placeFile: createKeptFile(path.join(app.getPath('userData'), 'window.json')),
    });
    main = window;
    if (options.visible !== 'never') {
      console.then((found) => attendConsole({ ...options, console: found, window, commands })).catch(onError);
    }
    await window.browser.loadURL(APP_ADDRESS);
  });
  return {
    installedIn: app.isPackaged ? app.getPath('userData') : undefined,
    ready: app.whenReady(),
    opened,
    async evaluate(expression) {
      await opened;
      const value: unknown = await main?.browser.webContents.executeJavaScript(expression);
      return value;
    },
    showError: (sentence) => dialog.showErrorBox('TenantDesk', sentence),
    async askForFolder(startAt) {
      if (!main) return null;
      const { canceled, filePaths } = await dialog.showOpenDialog(main.browser, {
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
