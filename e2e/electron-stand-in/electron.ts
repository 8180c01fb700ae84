/**
 * A strict stand-in for Electron's main-process module, over Node and a real, sandboxed, headless Chromium. It knows what
 * this project uses and throws on everything else; it refuses what would open a hole or what real Electron would not do.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type {
  App,
  BrowserWindowConstructorOptions,
  CustomScheme,
  Dialog,
  MenuItemConstructorOptions,
  MessageBoxOptions,
  MessageBoxReturnValue,
  OpenDialogOptions,
  OpenDialogReturnValue,
  Protocol,
  Shell,
} from 'electron';
import { createWindow, ELSEWHERE } from './browser-window.ts';
import { APP_EVENTS } from './event-names.ts';
import { createChannel } from './ports.ts';
import { noteMenu, shown, templateOf } from './desktop.ts';
import { runtime } from './runtime.ts';
import { takeInstanceLock } from './single-instance.ts';
import { createSession, sessionFromPartition } from './session.ts';
import { createEvents, preventable, refused, strict, undeclared } from './strict.ts';

const ready = Promise.withResolvers<void>();
const appEvents = createEvents('app', APP_EVENTS);

function beforeReady(what: string): void {
  if (runtime.phase !== 'starting') throw refused(`${what} after the app is ready`);
}
function afterReady(what: string): void {
  if (runtime.phase !== 'ready') throw refused(`${what} before the app is ready`);
}

async function exit(code: number): Promise<void> {
  if (runtime.phase === 'over') return;
  runtime.phase = 'over';
  await (await runtime.chromium)?.close();
  process.exit(code);
}

let ownUserData: string | undefined;

/** The folder of the switch; without it one of this run alone: a process id comes back, and with it a lock that is nobody's. */
function userData(): string {
  const given = process.argv.find((argument) => argument.startsWith('--user-data-dir='));
  if (given !== undefined) return given.slice('--user-data-dir='.length);
  if (ownUserData === undefined) {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'electron-stand-in-'));
    process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
    ownUserData = folder;
  }
  return ownUserData;
}

export const app = strict('app', {
  on: appEvents.on,
  ...({
    enableSandbox() {
      beforeReady('app.enableSandbox()');
      runtime.sandboxEnabled = true;
    },
    requestSingleInstanceLock: () =>
      takeInstanceLock(userData(), process.argv, (argv, workingDirectory) =>
        appEvents.emit('second-instance', preventable().event, argv, workingDirectory, undefined),
      ),
    isPackaged: process.env['STAND_IN_PACKAGED'] === '1',
    getPath(name) {
      if (name !== 'userData') throw undeclared(`app.getPath('${name}')`);
      return userData();
    },
    setBadgeCount(count = 0) {
      shown.badge = count;
      return true;
    },
    setLoginItemSettings: (settings) => void (shown.loginItem = settings),
    setAsDefaultProtocolClient: (protocol) => shown.protocols.push(protocol) > 0,
    whenReady: () => ready.promise,
    isReady: () => runtime.phase !== 'starting',
    quit() {
      const { event, prevented } = preventable();
      appEvents.emit('before-quit', event);
      if (!prevented()) void exit(0);
    },
    exit: (code = 0) => void exit(code),
  } satisfies Pick<
    App,
    | 'enableSandbox'
    | 'requestSingleInstanceLock'
    | 'isPackaged'
    | 'getPath'
    | 'setBadgeCount'
    | 'setLoginItemSettings'
    | 'setAsDefaultProtocolClient'
    | 'whenReady'
    | 'isReady'
    | 'quit'
    | 'exit'
  >),
  /** An EventEmitter, as there: specs play what the system says by it. */
  emit: (event: (typeof APP_EVENTS)[number], ...args: readonly unknown[]) => appEvents.emit(event, ...args) > 0,
});

/** `protocol` of the module is the default session's. */
const sessionProtocol = (): Pick<Protocol, 'handle'> => Reflect.get(defaultSession.api, 'protocol') as Protocol;

export const protocol = strict('protocol', {
  registerSchemesAsPrivileged(schemes: CustomScheme[]) {
    beforeReady('protocol.registerSchemesAsPrivileged()');
    for (const scheme of schemes) {
      const { standard, secure, corsEnabled, ...others } = scheme.privileges ?? {};
      if (!standard || !secure || !corsEnabled) {
        throw refused(`the scheme ${scheme.scheme} is not standard, secure, corsEnabled`);
      }
      const other = Object.entries(others).find(([, on]) => on);
      if (other) throw refused(`the scheme ${scheme.scheme} has the privilege ${other[0]}`);
      runtime.schemes.set(scheme.scheme, scheme);
    }
  },
  // That of the default session.
  handle: (scheme: string, handler: (request: Request) => Response | Promise<Response>) =>
    sessionProtocol().handle(scheme, handler),
} satisfies Pick<Protocol, 'registerSchemesAsPrivileged' | 'handle'>);

const defaultSession = createSession(false);

export const session = strict('session', {
  get defaultSession() {
    afterReady('session.defaultSession');
    return defaultSession.api;
  },
  fromPartition: sessionFromPartition,
});

const ROLES = new Set<string>([
  'appMenu',
  'editMenu',
  'windowMenu',
  'reload',
  'resetZoom',
  'zoomIn',
  'zoomOut',
  'togglefullscreen',
]);

const ITEM_OPTIONS: (keyof MenuItemConstructorOptions)[] = [
  'type',
  'accelerator',
  'registerAccelerator',
  'click',
  'enabled',
];

function checkMenu(items: readonly MenuItemConstructorOptions[]): void {
  for (const { role, label, submenu, ...others } of items) {
    const other = Object.keys(others).find((key) => !ITEM_OPTIONS.some((known) => known === key));
    if (other !== undefined) throw undeclared(`a menu item's ${other}`);
    if (role !== undefined && !ROLES.has(role)) throw undeclared(`the menu role ${role}`);
    const named = role ?? label ?? (others.type === 'separator' ? '' : undefined);
    if (named === undefined) throw refused('a menu item without label and role');
    if (Array.isArray(submenu)) checkMenu(submenu);
  }
}

export const Menu = strict('Menu', {
  buildFromTemplate(template: MenuItemConstructorOptions[]) {
    checkMenu(template);
    return noteMenu(strict('Menu', {}), template);
  },
  setApplicationMenu: (menu: object | null) => void (shown.menu = templateOf(menu)),
});

const MESSAGE_OPTIONS: (keyof MessageBoxOptions)[] = ['type', 'message', 'detail', 'buttons', 'defaultId', 'cancelId'];
const DIALOG_OPTIONS: (keyof OpenDialogOptions)[] = ['title', 'defaultPath', 'properties'];

export const dialog = strict('dialog', {
  /** Nobody is there to choose: takes the folder that the spec names, else it is closed. */
  async showOpenDialog(window: object, options: OpenDialogOptions): Promise<OpenDialogReturnValue> {
    if (![...runtime.windows].some(({ api }) => api === window)) throw refused('a dialog of no window');
    const other = Object.keys(options).find((key) => !DIALOG_OPTIONS.some((known) => known === key));
    if (other !== undefined) throw undeclared(`the dialog option ${other}`);
    if (!options.properties?.includes('openDirectory')) throw refused('a dialog for anything but a folder');
    const chosen = process.env['STAND_IN_FOLDER'];
    return chosen === undefined ? { canceled: true, filePaths: [] } : { canceled: false, filePaths: [chosen] };
  },
  /** Nobody is there to answer: the first button that a spec names, else the one that cancels. */
  async showMessageBox(window: object, options: MessageBoxOptions): Promise<MessageBoxReturnValue> {
    if (![...runtime.windows].some(({ api }) => api === window)) throw refused('a question of no window');
    const other = Object.keys(options).find((key) => !MESSAGE_OPTIONS.some((known) => known === key));
    if (other !== undefined) throw undeclared(`the question's ${other}`);
    const named = (options.buttons ?? []).indexOf(process.env['STAND_IN_ANSWER'] ?? '');
    return { response: named < 0 ? (options.cancelId ?? 0) : named, checkboxChecked: false };
  },
  ...({
    showErrorBox: (title, content) => void process.stderr.write(`dialog: ${title}: ${content}\n`),
  } satisfies Pick<Dialog, 'showErrorBox'>),
});

/** No program is started here; that one was asked for is told to the spec. */
export const shell = strict('shell', {
  async openExternal(url: string) {
    if (!url.startsWith('https:')) throw refused(`opening ${url} elsewhere`);
    if (url === ELSEWHERE) throw refused('a page that may have anything opened elsewhere');
    process.stderr.write(`opened elsewhere: ${url}\n`);
  },
} satisfies Pick<Shell, 'openExternal'>);

export function MessageChannelMain(): object {
  return strict('MessageChannelMain', createChannel());
}

export class BrowserWindow {
  constructor(options: BrowserWindowConstructorOptions = {}) {
    return createWindow(options, defaultSession, {
      created: (contents) => appEvents.emit('web-contents-created', preventable().event, contents),
      allClosed: () => {
        if (appEvents.emit('window-all-closed') === 0) app.quit();
      },
    });
  }

  static getAllWindows(): object[] {
    return [...runtime.windows].map(({ api }) => api);
  }

  /** Playwright asks for it. */
  static fromWebContents(contents: object): object | undefined {
    return [...runtime.windows].find((window) => window.contents === contents)?.api;
  }
}

export { nativeImage, Notification, powerMonitor, screen, Tray } from './desktop.ts';

export const webContents = strict('webContents', {
  /** Playwright asks for it. */
  fromDevToolsTargetId: (targetId: string) =>
    [...runtime.windows].find((window) => window.targetId() === targetId)?.contents,
});

/** Called by the boot file when main has been evaluated and Chromium is there. */
export function becomeReady(): void {
  runtime.phase = 'ready';
  ready.resolve();
}
