import type {
  BrowserWindowConstructorOptions,
  IpcMain,
  PrintToPDFOptions,
  WebContents,
  WebFrameMain,
  WindowOpenHandlerResponse,
} from 'electron';
import type { BrowserWindow as RealWindow } from 'electron';
import { pictureOf, shown } from './desktop.ts';
import { CONTENTS_EVENTS, WINDOW_EVENTS } from './event-names.ts';
import { startChromium } from './chromium.ts';
import { openPage, type Page } from './page.ts';
import { checkPolicy } from './policy-rules.ts';
import { runtime, type StandInWindow } from './runtime.ts';
import { sessionOf, type StandInSession } from './session.ts';
import { strangersOf } from './strangers.ts';
import { createEvents, preventable, refused, strict, undeclared } from './strict.ts';
import { checkWindowOptions } from './window-rules.ts';

const PDF_OPTIONS: (keyof PrintToPDFOptions)[] = [
  'preferCSSPageSize',
  'printBackground',
  'generateTaggedPDF',
  'generateDocumentOutline',
];

type Listener = (...args: never[]) => unknown;

let lastId = 0;
/** Where no page of this program ever leads. */
export const ELSEWHERE = 'https://stand-in.test/';

/** Hears of windows: the app's own events. */
export interface WindowHooks {
  created(contents: object): void;
  allClosed(): void;
}

/** Makes the window at once, like Electron; its page comes with `loadURL`. */
export function createWindow(
  options: BrowserWindowConstructorOptions,
  defaultSession: StandInSession,
  hooks: WindowHooks,
): object {
  if (runtime.phase !== 'ready') throw refused('a BrowserWindow before the app is ready');
  if (!runtime.sandboxEnabled) throw refused('a window without app.enableSandbox()');
  const { preload } = checkWindowOptions(options);
  const own = options.webPreferences?.session;
  const session = own ? sessionOf(own) : defaultSession;
  const id = ++lastId;
  const events = createEvents('BrowserWindow', WINDOW_EVENTS);
  const contentsEvents = createEvents('WebContents', CONTENTS_EVENTS);
  const channels = new Map<string, Listener[]>();
  let openHandler: ((details: { url: string }) => WindowOpenHandlerResponse) | undefined;
  let page: Page | undefined;
  let visible = options.show !== false;
  let focused = false;
  let maximised = false;
  let bounds = { x: options.x ?? 0, y: options.y ?? 0, width: options.width ?? 800, height: options.height ?? 600 };
  if (options.icon !== undefined) pictureOf(options.icon);

  function mayNavigate(url: string, isMainFrame: boolean): boolean {
    const { event, prevented } = preventable({ url, isMainFrame });
    const heard = isMainFrame ? contentsEvents.emit('will-navigate', event, url) : 1;
    if (heard + contentsEvents.emit('will-frame-navigate', event) < 2) {
      throw refused(`no guard heard of going to ${url}`);
    }
    return !prevented();
  }
  const frame: Pick<WebFrameMain, 'parent' | 'detached' | 'origin' | 'url' | 'postMessage'> = strict('WebFrameMain', {
    parent: null,
    detached: false,
    get origin() {
      return page?.origin() ?? 'null';
    },
    get url() {
      return page?.url() ?? '';
    },
    postMessage(channel: string, message: unknown, transfer: readonly object[] = []) {
      page?.post(channel, [message], transfer);
    },
  });
  function hearSend(channel: string, args: readonly unknown[]): void {
    const listeners = channels.get(channel);
    if (!listeners) throw refused(`the preload sent on '${channel}', to which nobody listens`);
    const event = strict('IpcMainEvent', { sender: contents, senderFrame: frame, ports: [] });
    for (const listener of listeners) listener(...([event, ...args] as never[]));
  }
  /** Each guard is asked before anything is shown: one that is missing or lets pass is found without an attack. */
  function checkContentsGuards(): void {
    const opening = openHandler?.({ url: ELSEWHERE });
    if (opening?.action !== 'deny') throw refused('a page that may open windows');
    for (const name of ['will-navigate', 'will-frame-navigate', 'will-redirect', 'will-attach-webview'] as const) {
      const { event, prevented } = preventable({ url: ELSEWHERE, isMainFrame: true });
      contentsEvents.emit(name, event, ELSEWHERE);
      if (!prevented()) throw refused(`a page without a guard of '${name}'`);
    }
  }
  /** Only when a spec wants it (main says no to each of them aloud): the channel is tried by everybody who must get nothing. */
  function tryStrangers(channel: string): void {
    for (const [who, stranger] of strangersOf(contents, id)) {
      const event = strict('IpcMainEvent', {
        ports: [],
        ...stranger(() => {
          throw refused(`${who} got an answer on '${channel}'`);
        }),
      });
      for (const listener of channels.get(channel) ?? []) listener(...([event] as never[]));
    }
  }
  /** Main's own answer, before a page is shown under it. */
  async function checkDocument(url: string): Promise<void> {
    const document = await session.handler('app')?.(new Request(url));
    if (document?.ok) checkPolicy(document, preload !== undefined);
  }
  async function load(url: string): Promise<void> {
    if (!url.startsWith('app:')) throw refused(`loadURL of ${url}: the window shows app: and nothing else`);
    session.checkGuards();
    checkContentsGuards();
    await checkDocument(url);
    if (process.env['STAND_IN_STRANGERS'] === '1') for (const channel of channels.keys()) tryStrangers(channel);
    runtime.chromium ??= startChromium();
    const { cdp } = await runtime.chromium;
    page ??= await openPage({
      cdp,
      preload,
      session,
      width: options.width ?? 800,
      height: options.height ?? 600,
      mayNavigate,
      onSend: hearSend,
      onLoaded: () => events.emit('ready-to-show'),
      onGone,
      onCrashed,
    });
    await page.load(url);
  }
  /** As by the cross of the window. */
  async function close(): Promise<void> {
    const { event, prevented } = preventable();
    events.emit('close', event);
    if (!prevented()) await self.close();
  }
  function onCrashed(): void {
    page = undefined;
    contentsEvents.emit('render-process-gone', strict('event', {}), { reason: 'crashed', exitCode: 1 });
  }
  function onGone(): void {
    page = undefined;
    runtime.windows.delete(self);
    events.emit('closed');
    if (runtime.windows.size === 0 && runtime.phase === 'ready') hooks.allClosed();
  }

  const ipc: Pick<IpcMain, 'on'> = strict('WebContents.ipc', {
    on(channel: string, listener: Listener) {
      channels.set(channel, [...(channels.get(channel) ?? []), listener]);
      return ipc as IpcMain;
    },
  });
  const contents = strict('WebContents', {
    ...({
      id,
      executeJavaScript: async (code) => page?.evaluate(code),
      isDestroyed: () => page === undefined,
      close: () => void self.close(),
      forcefullyCrashRenderer: () => void page?.crash(),
      async printToPDF(wishes) {
        const other = Object.keys(wishes).find((key) => !PDF_OPTIONS.some((known) => known === key));
        if (other !== undefined) throw undeclared(`the printing option ${other}`);
        if (!page) throw refused('a PDF of no page');
        return page.print(wishes);
      },
    } satisfies Pick<
      WebContents,
      'id' | 'executeJavaScript' | 'isDestroyed' | 'close' | 'forcefullyCrashRenderer' | 'printToPDF'
    >),
    ipc,
    on(event: Parameters<typeof contentsEvents.on>[0], listener: Listener) {
      contentsEvents.on(event, listener);
    },
    setWindowOpenHandler(handler: typeof openHandler) {
      openHandler = handler;
    },
  });
  const api = strict('BrowserWindow', {
    webContents: contents,
    on: events.on,
    once: events.once,
    ...({
      loadURL: load,
      show: () => void (visible = true),
      hide: () => void (visible = false),
      focus() {
        focused = true;
        events.emit('focus');
      },
      blur: () => void (focused = false),
      isFocused: () => visible && focused,
      restore: () => undefined,
      isMinimized: () => false,
      isVisible: () => visible,
      maximize: () => void (maximised = true),
      isMaximized: () => maximised,
      getNormalBounds: () => bounds,
      setBounds(next) {
        bounds = { ...bounds, ...next };
        events.emit('resize');
        events.emit('move');
      },
      flashFrame: (flag) => void (shown.flashing = flag),
      close: () => void close(),
      destroy: () => void self.close(),
    } satisfies Pick<
      RealWindow,
      | 'loadURL'
      | 'show'
      | 'hide'
      | 'focus'
      | 'blur'
      | 'isFocused'
      | 'restore'
      | 'isMinimized'
      | 'isVisible'
      | 'maximize'
      | 'isMaximized'
      | 'getNormalBounds'
      | 'setBounds'
      | 'flashFrame'
      | 'close'
      | 'destroy'
    >),
    /** An EventEmitter, as there. */
    emit: (event: (typeof WINDOW_EVENTS)[number]) => events.emit(event) > 0,
  });
  const self: StandInWindow = {
    api,
    contents,
    targetId: () => page?.targetId,
    close: async () => (page ? page.close() : onGone()),
  };
  runtime.windows.add(self);
  hooks.created(contents);
  return api;
}
