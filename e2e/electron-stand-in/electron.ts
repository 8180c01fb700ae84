/**
 * A strict stand-in for Electron's main-process module, over Node and a real, sandboxed, headless Chromium. It knows what
 * this project uses and throws on everything else; it refuses what would open a hole or what real Electron would not do.
 */
import type {
  App,
  BrowserWindowConstructorOptions,
  CustomScheme,
  Dialog,
  MenuItemConstructorOptions,
  OpenDialogOptions,
  OpenDialogReturnValue,
  Protocol,
  Shell,
} from 'electron';
import { createWindow, ELSEWHERE } from './browser-window.ts';
import { APP_EVENTS } from './event-names.ts';
import { createChannel } from './ports.ts';
import { runtime } from './runtime.ts';
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

export const app = strict('app', {
  on: appEvents.on,
  ...({
    enableSandbox() {
      beforeReady('app.enableSandbox()');
      runtime.sandboxEnabled = true;
    },
    requestSingleInstanceLock: () => true,
    whenReady: () => ready.promise,
    isReady: () => runtime.phase !== 'starting',
    quit() {
      const { event, prevented } = preventable();
      appEvents.emit('before-quit', event);
      if (!prevented()) void exit(0);
    },
    exit: (code = 0) => void exit(code),
  } satisfies Pick<App, 'enableSandbox' | 'requestSingleInstanceLock' | 'whenReady' | 'isReady' | 'quit' | 'exit'>),
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

function checkMenu(items: readonly MenuItemConstructorOptions[]): void {
  for (const { role, label, submenu, ...others } of items) {
    if (Object.keys(others).length > 0) throw undeclared(`a menu item's ${Object.keys(others).join(', ')}`);
    if (role !== undefined && !ROLES.has(role)) throw undeclared(`the menu role ${role}`);
    if (role === undefined && label === undefined) throw refused('a menu item without label and role');
    if (Array.isArray(submenu)) checkMenu(submenu);
  }
}

export const Menu = strict('Menu', {
  buildFromTemplate(template: MenuItemConstructorOptions[]) {
    checkMenu(template);
    return strict('Menu', {});
  },
  setApplicationMenu: (_menu: object | null) => undefined,
});

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

  /** Playwright asks for it. */
  static fromWebContents(contents: object): object | undefined {
    return [...runtime.windows].find((window) => window.contents === contents)?.api;
  }
}

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
