import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { EventEmitter } from 'node:events';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { writePageList } from '../app/page-list.ts';
import { implement } from '@orpc/server';
import { contract } from '../contract/contract.ts';
import type { Inbox } from '../contract/requests.ts';
import { createStateFeed, type WritableStateFeed } from '../infra/state-feed.ts';
import { createShellService, type ShellService } from '../shell/shell-service.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { createFakeConsole } from '../testing/fake-console.ts';
import { createFakeLogger } from '../testing/fake-logger.ts';
import { createElectronShell, type ElectronShell } from './electron-shell.ts';

/** Everything that was called, in order. */
const calls: string[] = [];
let isFirst = true;
let whenReady = Promise.withResolvers<void>();
let app = new EventEmitter();
let windows: FakeWindow[] = [];
let focused = false;
let trayMenu: { label?: string; click?: () => void }[] = [];
let notifications: FakeNotification[] = [];
let power = new EventEmitter();
let response = 0;
let handler: ((request: Request) => Response) | undefined;

class FakeWindow extends EventEmitter {
  readonly webContents: FakeContents;
  readonly options: object;
  constructor(options: object) {
    super();
    this.options = options;
    this.webContents = new FakeContents();
    windows.push(this);
    calls.push('new BrowserWindow');
    app.emit('web-contents-created', {}, this.webContents);
  }
  async loadURL(address: string): Promise<void> {
    calls.push(`loadURL ${address}`);
  }
  show(): void {
    calls.push('show');
  }
  focus(): void {
    calls.push('focus');
  }
  restore(): void {
    calls.push('restore');
  }
  isMinimized = () => true;
  hide = () => void calls.push('hide');
  destroy = () => void calls.push('destroy');
  maximize = () => void calls.push('maximize');
  isMaximized = () => false;
  getNormalBounds = () => ({ x: 1, y: 2, width: 900, height: 700 });
  isFocused = () => focused;
  flashFrame = (on: boolean) => void calls.push(`flash ${on}`);
}

class FakeNotification extends EventEmitter {
  readonly options: { title: string; actions: { text: string }[] };
  constructor(options: FakeNotification['options']) {
    super();
    this.options = options;
  }
  show(): void {
    notifications.push(this);
  }
}

class FakeContents extends EventEmitter {
  readonly id = 7;
  readonly ipc = new EventEmitter();
  opens: (details: { url: string }) => unknown = () => undefined;
  setWindowOpenHandler(opens: typeof this.opens): void {
    this.opens = opens;
  }
  executeJavaScript = async (code: string) => `did ${code}`;
  forcefullyCrashRenderer = () => void calls.push('crash');
}

vi.mock('electron', () => {
  const record =
    (name: string, result?: unknown) =>
    (...args: unknown[]) => {
      calls.push(name);
      if (name === 'protocol.handle') handler = args[1] as typeof handler;
      return result;
    };
  return {
    app: {
      enableSandbox: record('app.enableSandbox'),
      requestSingleInstanceLock: () => {
        calls.push('app.requestSingleInstanceLock');
        return isFirst;
      },
      whenReady: () => whenReady.promise,
      on: (event: string, listener: () => void) => app.on(event, listener),
      exit: (code: number) => calls.push(`app.exit ${code}`),
      quit: record('app.quit'),
      releaseSingleInstanceLock: record('app.releaseSingleInstanceLock'),
      isPackaged: false,
      getPath: () => page,
      setBadgeCount: (count: number) => calls.push(`badge ${count}`),
    },
    protocol: {
      registerSchemesAsPrivileged: record('protocol.registerSchemesAsPrivileged'),
      handle: record('protocol.handle'),
    },
    session: {
      defaultSession: {
        setPermissionRequestHandler: record('guard'),
        setPermissionCheckHandler: record('guard'),
        setDevicePermissionHandler: record('guard'),
        setDisplayMediaRequestHandler: record('guard'),
        on: record('guard'),
      },
    },
    Menu: {
      buildFromTemplate: (template: typeof trayMenu) => (trayMenu = template),
      setApplicationMenu: record('menu'),
    },
    Tray: class extends EventEmitter {
      setImage = (picture: string) => calls.push(`tray ${path.basename(picture)}`);
      setToolTip = () => undefined;
      setContextMenu = () => undefined;
      destroy = () => undefined;
    },
    nativeImage: { createFromPath: (file: string) => file },
    // A function, because FakeNotification is not there yet when this is called.
    Notification: function Notification(options: FakeNotification['options']) {
      return new FakeNotification(options);
    },
    powerMonitor: { on: (event: string, listener: () => void) => power.on(event, listener) },
    screen: { getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }] },
    shell: { openExternal: async (url: string) => void calls.push(`openExternal ${url}`) },
    dialog: {
      showErrorBox: (title: string, sentence: string) => calls.push(`dialog ${title}: ${sentence}`),
      showMessageBox: async () => ({ response }),
    },
    // A function, because FakeWindow is not there yet when this is called.
    BrowserWindow: Object.assign(
      function BrowserWindow(options: object) {
        return new FakeWindow(options);
      },
      { getAllWindows: () => windows },
    ),
    MessageChannelMain: class {
      port1 = Object.assign(new EventEmitter(), {
        start: () => undefined,
        close: () => undefined,
        postMessage: () => undefined,
      });
      port2 = {};
    },
  };
});

const HOSTILE_LINKS = [
  'https://updates.example/notes?x=leak',
  'https://updates.example/notes#leak',
  'https://updates.example/',
  'https://updates.example.evil.example/notes',
  'https://user@updates.example/notes',
  'http://updates.example/notes',
  'javascript:alert(1)',
  'file:///etc/passwd',
  'smb://host/share',
  'ms-msdt:/id',
  String.raw`\\host\share`,
  'https://updates.example/notes\0',
  '',
];

let page: string;
beforeAll(() => {
  page = mkdtempSync(path.join(os.tmpdir(), 'tenantdesk-shell-'));
  writeFileSync(path.join(page, 'index.html'), '<p>page</p>');
  writePageList(page, ['index.html']);
});
afterAll(() => rmSync(page, { recursive: true, force: true }));

const errors: unknown[] = [];
const onQuit = vi.fn();
const locks: string[] = [];
let lockable = true;
let service: ShellService;
/** The board of a fake console, and an inbox that the test fills. */
let inbox: WritableStateFeed<Inbox>;

function create(
  visible: 'shown' | 'hidden' | 'never' = 'shown',
  argv: readonly string[] = [],
): ElectronShell | undefined {
  const { router } = createFakeConsole({ frameMs: 0 });
  const updater = {
    current: '0.1.0',
    check: async () => '0.2.0',
    download: async () => undefined,
    install: () => undefined,
  };
  service = createShellService({
    abilities: {
      notifies: true,
      whyNot: { notifications: null, closeToTray: null, startAtLogin: null, updates: null },
      updater,
      apply: () => undefined,
    },
    file: { path: '', read: () => undefined, write: () => undefined, setAside: () => '' },
    log: createFakeLogger(),
    clock: createFakeClock(),
    underWay: () => false,
  });
  inbox = createStateFeed<Inbox>({ items: [], asOf: new Date() });
  const requests = implement(contract).requests;
  const watched = { ...router.requests, watch: requests.watch.handler(({ signal }) => inbox.watch(signal)) };
  return createElectronShell({
    pageFolder: page,
    preload: '/built/preload.cjs',
    icons: '/icons',
    console: Promise.resolve({
      router: { ...router, requests: watched },
      shell: service,
      lock: async (reason) => {
        locks.push(reason);
        return lockable;
      },
    }),
    visible,
    argv,
    clock: createFakeClock(),
    externalLinks: ['https://updates.example/notes'],
    random: (bytes) => Buffer.alloc(bytes),
    onError: (error) => errors.push(error),
    onQuit,
  });
}
beforeEach(() => {
  isFirst = true;
  whenReady = Promise.withResolvers<void>();
  app = new EventEmitter();
  windows = [];
  notifications = [];
  power = new EventEmitter();
  focused = false;
  lockable = true;
  locks.length = 0;
});
afterEach(() => {
  calls.length = 0;
  errors.length = 0;
  onQuit.mockReset();
});

describe('before the app is ready', () => {
  it('the sandbox is demanded and the scheme declared, and nothing else happens', async () => {
    create();
    await new Promise(setImmediate);
    expect(calls).toEqual([
      'app.enableSandbox',
      'app.requestSingleInstanceLock',
      'protocol.registerSchemesAsPrivileged',
    ]);
  });

  it('a second one makes nothing, and the first one brings its window to the front', async () => {
    create();
    whenReady.resolve();
    await vi.waitFor(() => expect(windows).toHaveLength(1));
    app.emit('second-instance', {}, ['--evil'], '/');
    expect(calls.slice(-3)).toEqual(['restore', 'show', 'focus']);
    isFirst = false;
    expect(create()).toBeUndefined();
    expect(windows).toHaveLength(1);
  });
});

describe('when the app is ready', () => {
  it('guards and page are there before the window loads', async () => {
    const shell = create();
    whenReady.resolve();
    await shell?.opened;
    const after = calls.slice(3).filter((call) => !/^(tray|badge)/.test(call));
    expect(after).toEqual([
      ...Array<string>(5).fill('guard'),
      'menu',
      'protocol.handle',
      'new BrowserWindow',
      'loadURL app://console/',
    ]);
    expect(await handler?.(new Request('app://console/')).text()).toBe('<p>page</p>');
  });

  it('every contents is guarded, whoever made it', async () => {
    create();
    const contents = new FakeContents();
    app.emit('web-contents-created', {}, contents);
    expect(contents.opens({ url: 'https://evil.example/' })).toEqual({ action: 'deny' });
    for (const event of ['will-navigate', 'will-frame-navigate', 'will-redirect', 'will-attach-webview']) {
      const prevented = vi.fn();
      contents.emit(event, { preventDefault: prevented });
      expect([event, prevented.mock.calls.length]).toEqual([event, 1]);
    }
  });

  it('a link that is listed is opened elsewhere; every other one goes nowhere', () => {
    create();
    const contents = new FakeContents();
    app.emit('web-contents-created', {}, contents);
    const tried = [...HOSTILE_LINKS, 'https://updates.example/notes'];
    for (const url of tried) expect(contents.opens({ url })).toEqual({ action: 'deny' });
    expect(calls.filter((call) => call.startsWith('openExternal'))).toEqual([
      'openExternal https://updates.example/notes',
    ]);
  });

  it('the window is shown when it has something to show, and never for a smoke test', async () => {
    for (const visible of ['shown', 'never'] as const) {
      const shell = create(visible);
      whenReady.resolve();
      await shell?.opened;
      windows.at(-1)?.emit('ready-to-show');
      expect(calls.includes('show')).toBe(visible === 'shown');
      calls.length = 0;
    }
  });

  it('a port goes to the page and to nothing else', async () => {
    const shell = create();
    whenReady.resolve();
    await shell?.opened;
    const { webContents } = windows[0]!;
    const frame = { parent: null, detached: false, origin: 'app://console', postMessage: vi.fn() };
    webContents.ipc.emit('tenantdesk:port', { sender: { id: 8 }, senderFrame: frame });
    webContents.ipc.emit('tenantdesk:port', { sender: webContents, senderFrame: { ...frame, parent: frame } });
    webContents.ipc.emit('tenantdesk:port', { sender: webContents, senderFrame: { ...frame, origin: 'https://x' } });
    webContents.ipc.emit('tenantdesk:port', { sender: webContents, senderFrame: null });
    expect(frame.postMessage).not.toHaveBeenCalled();
    expect(errors).toHaveLength(4);
    webContents.ipc.emit('tenantdesk:port', { sender: webContents, senderFrame: frame });
    expect(frame.postMessage).toHaveBeenCalledTimes(1);
    expect(webContents.ipc.eventNames()).toEqual(['tenantdesk:port']);
  });

  it('a page that has died is loaded anew with a word, three times; then the program ends', async () => {
    const shell = create();
    whenReady.resolve();
    await shell?.opened;
    const gone = (reason: string): void => void windows[0]?.webContents.emit('render-process-gone', {}, { reason });
    const loads = (): number => calls.filter((call) => call.startsWith('loadURL')).length;
    gone('clean-exit');
    expect([loads(), errors]).toEqual([1, []]);
    for (const _ of [1, 2, 3]) gone('crashed');
    expect(loads()).toBe(4);
    expect(String(errors)).toContain('crashed');
    await vi.waitFor(() => expect(service.state.get().notice).toContain('(crashed) and was loaded anew'));
    expect(onQuit).not.toHaveBeenCalled();
    gone('oom');
    expect([loads(), onQuit.mock.calls]).toEqual([4, [[expect.stringContaining('again and again')]]]);
  });

  it('a page that was tampered with is not loaded again', async () => {
    const shell = create();
    whenReady.resolve();
    await shell?.opened;
    windows[0]?.webContents.emit('render-process-gone', {}, { reason: 'integrity-failure' });
    expect(onQuit).toHaveBeenCalledWith(expect.stringContaining('integrity-failure'));
  });

  it('a page that hangs is ended when the user wants it so', async () => {
    const shell = create();
    whenReady.resolve();
    await shell?.opened;
    const { waits, ends } = { waits: 0, ends: 1 };
    for (const answer of [waits, ends]) {
      response = answer;
      windows[0]?.emit('unresponsive');
      await new Promise(setImmediate);
      expect(calls.includes('crash')).toBe(answer === ends);
    }
  });

  it('closing it hides it, once the user set that', async () => {
    const shell = create();
    whenReady.resolve();
    await shell?.opened;
    await vi.waitFor(() => expect(calls).toContain('badge 0'));
    const close = (): boolean => {
      const prevented = vi.fn();
      windows[0]?.emit('close', { preventDefault: prevented });
      return prevented.mock.calls.length > 0;
    };
    expect([close(), calls.includes('hide')]).toEqual([false, false]);
    service.change({ ...service.state.get().settings, closeToTray: true });
    expect([close(), calls.includes('hide')]).toEqual([true, true]);
  });
});

describe('links', () => {
  const clinic = { kind: 'client', slug: 'clinic-b' };

  it('wait in the console for the window, from whichever way they came', async () => {
    const shell = create('shown', ['tenantdesk', '--', 'tenantdesk://tenant/first']);
    await vi.waitFor(() => expect(service.state.get().wanted?.place).toEqual({ kind: 'client', slug: 'first' }));
    whenReady.resolve();
    await shell?.opened;
    app.emit('second-instance', {}, ['tenantdesk', '--', 'tenantdesk://tenant/clinic-b'], '/');
    await vi.waitFor(() => expect(service.state.get().wanted?.place).toEqual(clinic));
    const prevented = vi.fn();
    app.emit('open-url', { preventDefault: prevented }, 'tenantdesk://tenant/salon-a');
    await vi.waitFor(() => expect(service.state.get().wanted?.place).toEqual({ kind: 'client', slug: 'salon-a' }));
    expect(prevented).toHaveBeenCalledTimes(1);
  });

  it('of another form only bring the window to the front', async () => {
    const shell = create('shown', ['tenantdesk', 'tenantdesk://tenant/../x']);
    whenReady.resolve();
    await shell?.opened;
    app.emit('second-instance', {}, ['tenantdesk', 'tenantdesk://evil/', '--join', '/tmp/evil.json'], '/');
    app.emit('open-url', { preventDefault: () => undefined }, 'tenantdesk://tenant/%2e%2e');
    await new Promise(setImmediate);
    expect(service.state.get().wanted).toBeNull();
    expect(calls.filter((call) => ['restore', 'show', 'focus'].includes(call))).toEqual([
      'restore',
      'show',
      'focus',
      'restore',
      'show',
      'focus',
    ]);
  });
});

describe('what stands around the window', () => {
  async function attended(): Promise<void> {
    const shell = create();
    whenReady.resolve();
    await shell?.opened;
    await vi.waitFor(() => expect(calls).toContain('tray tray-refusing.png'));
  }
  const item = (id: string): Inbox['items'][number] => ({
    kind: 'request',
    id,
    requestId: id,
    tenantId: id,
    tenantName: 'Clinic B',
    tenantStatus: 'active',
    timeZone: 'UTC',
    amountNanoUsd: 5_000_000_000n,
    askedNanoUsd: 5_000_000_000n,
    reason: 'More patients',
    source: 'tenant',
    requestedBy: null,
    requestedAt: new Date(),
    expiresAt: new Date(),
    newLimitNanoUsd: null,
    until: null,
    endsAt: null,
    cap: {
      capId: id,
      scope: 'tenant',
      period: 'month',
      version: 1,
      limitNanoUsd: 1n,
      inForceNanoUsd: 1n,
      committedNanoUsd: 1n,
      periodStart: new Date(),
      periodEnd: new Date(),
      changed: false,
    },
    burnNanoUsdPerDay: 1n,
    days: [],
    whyNot: null,
    needsSecond: false,
    mine: false,
  });
  const ID = '00000000-0000-4000-8000-000000000001';

  it('the tray shows the worst of the fleet, the badge what waits', async () => {
    await attended();
    inbox.set({ items: [item(ID)], asOf: new Date() });
    await vi.waitFor(() => expect(calls).toContain('badge 1'));
    expect(trayMenu.map(({ label }) => label)).toEqual(
      expect.arrayContaining(['Open TenantDesk', 'Inbox', 'Settings', 'Lock', 'Quit', '1 waiting in the inbox']),
    );
  });

  it('a notification leads to what it is about, decides nothing, and may wait', async () => {
    await attended();
    inbox.set({ items: [item(ID)], asOf: new Date() });
    await vi.waitFor(() => expect(notifications).toHaveLength(1));
    const [shown] = notifications;
    expect(shown?.options).toMatchObject({
      title: 'Clinic B asks for $5.00 more',
      actions: [{ text: 'Open' }, { text: 'Later' }],
    });
    expect(calls).toContain('flash true');
    shown?.emit('action', { actionIndex: 1 });
    await new Promise(setImmediate);
    expect(service.state.get().wanted).toBeNull();
    shown?.emit('action', { actionIndex: 0 });
    await vi.waitFor(() => expect(service.state.get().wanted?.place).toEqual({ kind: 'inbox', itemId: ID }));
  });

  it('a newer version is notified once, and leads to the settings', async () => {
    await attended();
    await service.update('check');
    expect(notifications.map(({ options }) => options.title)).toEqual(['TenantDesk 0.2.0 is there']);
    notifications[0]?.emit('click');
    await vi.waitFor(() => expect(service.state.get().wanted?.place).toEqual({ kind: 'settings' }));
    await service.update('download');
    await vi.waitFor(() => expect(notifications).toHaveLength(2));
    expect(notifications[1]?.options.title).toBe('TenantDesk 0.2.0 is downloaded');
  });

  it('nobody is notified who looks at the window or wants it not', async () => {
    await attended();
    focused = true;
    inbox.set({ items: [item(ID)], asOf: new Date() });
    await vi.waitFor(() => expect(calls).toContain('badge 1'));
    focused = false;
    service.change({ ...service.state.get().settings, notifications: false });
    inbox.set({ items: [item(ID), item('00000000-0000-4000-8000-000000000002')], asOf: new Date() });
    await vi.waitFor(() => expect(calls).toContain('badge 2'));
    expect(notifications).toEqual([]);
  });

  it('the console is locked when the computer sleeps, when its screen is locked, and from the tray', async () => {
    await attended();
    power.emit('suspend');
    power.emit('lock-screen');
    trayMenu.find(({ label }) => label === 'Lock')?.click?.();
    await vi.waitFor(() => expect(locks).toEqual(['sleep', 'screen', 'command']));
    lockable = false;
    trayMenu.find(({ label }) => label === 'Lock')?.click?.();
    await vi.waitFor(() => expect(service.state.get().notice).toContain('there is no vault'));
  });
});

describe('ending', () => {
  it('is asked for by the last window and by a quit, which waits until all is closed', () => {
    const shell = create();
    app.emit('window-all-closed');
    expect(onQuit).toHaveBeenCalledTimes(1);
    const prevented = vi.fn();
    app.emit('before-quit', { preventDefault: prevented });
    expect(onQuit).toHaveBeenCalledTimes(2);
    expect(prevented).toHaveBeenCalledTimes(1);
    shell?.exit(3);
    app.emit('before-quit', { preventDefault: prevented });
    expect(prevented).toHaveBeenCalledTimes(1);
    expect(calls.at(-1)).toBe('app.exit 3');
  });
});

it('makes way for what installs a newer version: no window, no lock, and a quit that nothing holds up', async () => {
  const shell = create();
  whenReady.resolve();
  await shell?.opened;
  shell?.makeWay();
  expect(calls.slice(-2)).toEqual(['destroy', 'app.releaseSingleInstanceLock']);
  const prevented = vi.fn();
  app.emit('before-quit', { preventDefault: prevented });
  expect(prevented).not.toHaveBeenCalled();
});

describe('the preload', () => {
  it('passes one function in and one port through, and no event', async () => {
    const sent: unknown[] = [];
    const posted: unknown[][] = [];
    let exposed: Record<string, (...args: unknown[]) => unknown> = {};
    let hear: (event: object, ...args: unknown[]) => void = () => undefined;
    vi.doMock('electron', () => ({
      contextBridge: {
        exposeInMainWorld: (name: string, api: typeof exposed) => {
          expect(name).toBe('tenantdesk');
          exposed = api;
        },
      },
      ipcRenderer: {
        on: (_channel: string, listener: typeof hear) => (hear = listener),
        send: (...args: unknown[]) => void sent.push(args),
      },
    }));
    vi.stubGlobal('window', { postMessage: (...args: unknown[]) => posted.push(args) });
    await import('./preload.ts');
    expect(Object.keys(exposed)).toEqual(['askForPort']);
    expect(exposed['askForPort']?.('anything', { of: 'the page' })).toBeUndefined();
    expect(sent).toEqual([['tenantdesk:port']]);
    hear({ ports: ['the port'], sender: 'ipcRenderer' }, 'more');
    expect(posted).toEqual([['tenantdesk:port', '*', ['the port']]]);
    vi.unstubAllGlobals();
  });
});
