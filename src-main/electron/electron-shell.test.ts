import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { EventEmitter } from 'node:events';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { writePageList } from '../app/page-list.ts';
import { createFakeConsole } from '../testing/fake-console.ts';
import { createElectronShell, type ElectronShell } from './electron-shell.ts';

/** Everything that was called, in order. */
const calls: string[] = [];
let isFirst = true;
let whenReady = Promise.withResolvers<void>();
let app = new EventEmitter();
let windows: FakeWindow[] = [];
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
}

class FakeContents extends EventEmitter {
  readonly id = 7;
  readonly ipc = new EventEmitter();
  opens: (details: { url: string }) => unknown = () => undefined;
  setWindowOpenHandler(opens: typeof this.opens): void {
    this.opens = opens;
  }
  executeJavaScript = async (code: string) => `did ${code}`;
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
    Menu: { buildFromTemplate: () => ({}), setApplicationMenu: record('menu') },
    shell: { openExternal: async (url: string) => void calls.push(`openExternal ${url}`) },
    dialog: { showErrorBox: (title: string, sentence: string) => calls.push(`dialog ${title}: ${sentence}`) },
    // A function, because FakeWindow is not there yet when this is called.
    BrowserWindow: function BrowserWindow(options: object) {
      return new FakeWindow(options);
    },
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
function create(visible = true): ElectronShell | undefined {
  return createElectronShell({
    pageFolder: page,
    preload: '/built/preload.cjs',
    router: Promise.resolve(createFakeConsole().router),
    visible,
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
    expect(calls.slice(-2)).toEqual(['restore', 'focus']);
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
    const after = calls.slice(3);
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
    for (const visible of [true, false]) {
      const shell = create(visible);
      whenReady.resolve();
      await shell?.opened;
      windows.at(-1)?.emit('ready-to-show');
      expect(calls.includes('show')).toBe(visible);
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

  it('says that a page has died', async () => {
    const shell = create();
    whenReady.resolve();
    await shell?.opened;
    windows[0]?.webContents.emit('render-process-gone', {}, { reason: 'crashed' });
    expect(String(errors)).toContain('crashed');
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
