/** One page of Chromium with main's protocol handler, guards and preload around it. */
import { readFileSync } from 'node:fs';
import type { PrintToPDFOptions } from 'electron';
import { originOf, toApp, toChromium } from './app-address.ts';
import type { Cdp } from './cdp.ts';
import {
  BINDING,
  isolatedWorldSource,
  mainWorldSource,
  RECEIVE,
  WORLD,
  type FromPage,
  type ToPage,
} from './page-scripts.ts';
import { checkPolicy } from './policy-rules.ts';
import { endOf, type PageEnd } from './ports.ts';
import { runtime } from './runtime.ts';
import type { StandInSession } from './session.ts';

export interface PageOptions {
  readonly cdp: Cdp;
  /** Undefined: nothing runs in the page. */
  readonly preload: string | undefined;
  readonly session: StandInSession;
  readonly width: number;
  readonly height: number;
  /** The page (or something in it) wants to go elsewhere: true lets it. */
  readonly mayNavigate: (url: string, isMainFrame: boolean) => boolean;
  readonly onSend: (channel: string, args: readonly unknown[], origin: string) => void;
  readonly onLoaded: () => void;
  readonly onGone: () => void;
  /** The page's process ended; the window is there. */
  readonly onCrashed: () => void;
}

export interface Page {
  readonly targetId: string;
  /** Goes to an address of the app; resolves when it is loaded. */
  load(address: string): Promise<void>;
  url(): string;
  origin(): string;
  evaluate(expression: string): Promise<unknown>;
  /** Sends to the preload, handing over ports of main. */
  post(channel: string, args: readonly unknown[], ports: readonly object[]): void;
  print(wishes: PrintToPDFOptions): Promise<Buffer>;
  close(): Promise<void>;
  /** Ends the page's process. */
  crash(): Promise<void>;
}

interface Paused {
  readonly requestId: string;
  readonly frameId: string;
  readonly resourceType: string;
  readonly request: { readonly url: string; readonly method: string; readonly headers: Record<string, string> };
}

interface Thrown {
  readonly text: string;
  readonly executionContextId?: number;
  readonly exception?: { readonly description?: string };
}

export async function openPage(options: PageOptions): Promise<Page> {
  const { cdp } = options;
  const { width, height } = options;
  const { targetId } = await cdp.send<{ targetId: string }>('Target.createTarget', {
    url: 'about:blank',
    width,
    height,
  });
  const attached = await cdp.send<{ sessionId: string }>('Target.attachToTarget', { targetId, flatten: true });
  const { sessionId } = attached;
  const send = <Result = object>(method: string, params: object = {}) => cdp.send<Result>(method, params, sessionId);
  const on = (method: string, listener: (params: never) => void) => cdp.on(method, sessionId, listener);
  /** Faults of the stand-in itself, and what it refuses outside a call of main, end up where a spec sees them. */
  const report = (error: unknown): void => {
    if (runtime.phase !== 'over') process.stderr.write(`${String(error)}\n`);
  };

  let url = 'about:blank';
  let expected: string | undefined;
  let world: number | undefined;
  let lastPort = 0;
  const ports = new Map<number, PageEnd>();
  let loaded = Promise.withResolvers<void>();

  function tell(message: ToPage): void {
    if (world === undefined) return;
    const expression = `${RECEIVE}(${JSON.stringify(message)})`;
    send('Runtime.evaluate', { expression, contextId: world }).catch(report);
  }
  function dropDocument(): void {
    world = undefined;
    for (const end of ports.values()) end.close();
    ports.clear();
  }

  async function answer({ requestId, request, resourceType, frameId }: Paused): Promise<void> {
    const isMainFrame = frameId === targetId;
    if (resourceType === 'Document') {
      // Main's own loadURL and a reload are no navigation of the page.
      const own = isMainFrame && (request.url === expected || request.url === url);
      if (!own && !options.mayNavigate(toApp(request.url) ?? request.url, isMainFrame)) {
        await send('Fetch.failRequest', { requestId, errorReason: 'Aborted' });
        return;
      }
      expected = undefined;
    }
    const address = toApp(request.url);
    const handler = address === undefined ? undefined : options.session.handler('app');
    if (address === undefined || !handler || !options.session.lets(address)) {
      // Nothing of this program has business with a network.
      await send('Fetch.failRequest', { requestId, errorReason: 'BlockedByClient' });
      return;
    }
    const response = await handler(new Request(address, { method: request.method, headers: request.headers }));
    if (resourceType === 'Document' && response.ok) checkPolicy(response, options.preload !== undefined);
    await send('Fetch.fulfillRequest', {
      requestId,
      responseCode: response.status,
      responseHeaders: [...response.headers].map(([name, value]) => ({ name, value })),
      body: Buffer.from(await response.arrayBuffer()).toString('base64'),
    });
  }

  function hear(payload: string, contextId: number): void {
    const message = JSON.parse(payload) as FromPage;
    if (message.type === 'hello') {
      dropDocument();
      world = contextId;
    } else if (contextId !== world) {
      return;
    } else if (message.type === 'send') {
      options.onSend(message.channel, message.args, originOf(url));
    } else if (message.type === 'port-message') {
      ports.get(message.id)?.post(message.data);
    } else {
      ports.get(message.id)?.close();
      ports.delete(message.id);
    }
  }

  on('Fetch.requestPaused', (paused: Paused) => void answer(paused).catch(report));
  on('Runtime.bindingCalled', (called: { name: string; payload: string; executionContextId: number }) => {
    if (called.name === BINDING) hear(called.payload, called.executionContextId);
  });
  on('Runtime.exceptionThrown', ({ exceptionDetails: thrown }: { exceptionDetails: Thrown }) => {
    if (thrown.executionContextId === world) report(thrown.exception?.description ?? thrown.text);
  });
  on('Page.frameNavigated', ({ frame }: { frame: { id: string; url: string } }) => {
    if (frame.id === targetId) url = frame.url;
  });
  on('Page.loadEventFired', () => {
    loaded.resolve();
    options.onLoaded();
  });
  let crashed = false;
  on('Inspector.targetCrashed', () => {
    crashed = true;
    dropDocument();
    options.onCrashed();
    cdp.send('Target.closeTarget', { targetId }).catch(report);
  });
  cdp.on('Target.targetDestroyed', undefined, (gone: { targetId: string }) => {
    if (gone.targetId !== targetId || crashed) return;
    dropDocument();
    loaded.reject(new Error('The window was closed.'));
    options.onGone();
  });

  await cdp.send('Target.setDiscoverTargets', { discover: true });
  await Promise.all([
    send('Page.enable'),
    send('Inspector.enable'),
    send('Fetch.enable', { patterns: [{ urlPattern: '*' }] }),
    ...(options.preload === undefined
      ? [send('Emulation.setScriptExecutionDisabled', { value: true })]
      : scripts(readFileSync(options.preload, 'utf8'))),
  ]);

  function scripts(preload: string): Promise<object>[] {
    return [
      send('Runtime.enable'),
      send('Runtime.addBinding', { name: BINDING, executionContextName: WORLD }),
      send('Page.addScriptToEvaluateOnNewDocument', { source: mainWorldSource() }),
      send('Page.addScriptToEvaluateOnNewDocument', { source: isolatedWorldSource(preload), worldName: WORLD }),
    ];
  }

  return {
    targetId,
    async load(address) {
      loaded = Promise.withResolvers<void>();
      expected = toChromium(address);
      const { errorText } = await send<{ errorText?: string }>('Page.navigate', { url: expected });
      if (errorText) throw new Error(`${errorText} loading '${address}'`);
      await loaded.promise;
    },
    url: () => toApp(url) ?? url,
    origin: () => originOf(url),
    async evaluate(expression) {
      const { result, exceptionDetails } = await send<{
        result: { value?: unknown };
        exceptionDetails?: { text: string };
      }>('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true });
      if (exceptionDetails) throw new Error(exceptionDetails.text);
      return result.value;
    },
    post(channel, args, handed) {
      const ids = handed.map((port) => {
        const id = ++lastPort;
        const end = endOf(port).transfer({
          message: (data) => tell({ type: 'port-message', id, data }),
          close: () => tell({ type: 'port-close', id }),
        });
        ports.set(id, end);
        return id;
      });
      tell({ type: 'ipc', channel, args, ports: ids });
    },
    async print(wishes) {
      const { data } = await send<{ data: string }>('Page.printToPDF', wishes);
      return Buffer.from(data, 'base64');
    },
    async crash() {
      // Its process answers no more.
      await send('Page.crash').catch(() => undefined);
    },
    async close() {
      await cdp.send('Target.closeTarget', { targetId });
    },
  };
}
