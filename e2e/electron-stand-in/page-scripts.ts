/**
 * What runs in the page before its own scripts, as text: `mainWorld` in the page's world, `isolatedWorld` in the preload's.
 * Each is one function without anything from outside, because it crosses over as its source.
 */
export const WORLD = 'electron-preload';
export const BINDING = 'electronStandIn';
export const RECEIVE = 'electronStandInReceive';

/** From the preload's world to Node. */
export type FromPage =
  | { readonly type: 'hello' }
  | { readonly type: 'send'; readonly channel: string; readonly args: readonly unknown[] }
  | { readonly type: 'port-message'; readonly id: number; readonly data: string }
  | { readonly type: 'port-close'; readonly id: number };

/** From Node to the preload's world. */
export type ToPage =
  | {
      readonly type: 'ipc';
      readonly channel: string;
      readonly args: readonly unknown[];
      readonly ports: readonly number[];
    }
  | { readonly type: 'port-message'; readonly id: number; readonly data: string }
  | { readonly type: 'port-close'; readonly id: number };

/** Source of the script for the page's world: makes what the preload exposes, once, then is gone. */
export function mainWorldSource(): string {
  return `(${mainWorld.toString()})()`;
}

/** Source of the script for the preload's world, around the preload itself. */
export function isolatedWorldSource(preload: string): string {
  const preloadFunction = `function (require, module, exports) { ${preload}\n}`;
  return `(${isolatedWorld.toString()})(${JSON.stringify(BINDING)}, ${JSON.stringify(RECEIVE)}, ${preloadFunction})`;
}

function mainWorld(): void {
  if (window !== window.top) return;
  const expose = (event: Event): void => {
    const { name, functions } = JSON.parse((event as CustomEvent<string>).detail) as {
      name: string;
      functions: string[];
    };
    const api: Record<string, (...args: unknown[]) => void> = {};
    for (const key of functions) {
      api[key] = (...args) => {
        const detail = JSON.stringify({ name, key, args });
        document.dispatchEvent(new CustomEvent('electron-stand-in-call', { detail }));
      };
    }
    Object.defineProperty(window, name, { value: Object.freeze(api), enumerable: true });
  };
  document.addEventListener('electron-stand-in-expose', expose);
  // Nothing of this is left when the page's own scripts run.
  document.addEventListener(
    'readystatechange',
    () => document.removeEventListener('electron-stand-in-expose', expose),
    {
      once: true,
    },
  );
}

function isolatedWorld(
  bindingName: string,
  receiveName: string,
  preload: (require: unknown, module: object, exports: object) => void,
): void {
  if (window !== window.top) return;
  const world = globalThis as unknown as Record<string, unknown>;
  const binding = world[bindingName] as (payload: string) => void;
  const tell = (message: FromPage): void => binding(JSON.stringify(message));
  const listeners = new Map<string, ((event: unknown, ...args: unknown[]) => void)[]>();
  const ports = new Map<number, MessagePort>();
  const exposed = new Map<string, Record<string, (...args: unknown[]) => unknown>>();

  function closed<T extends object>(name: string, target: T): T {
    return new Proxy(target, {
      get(object, key) {
        if (typeof key === 'symbol' || key in object) return Reflect.get(object, key);
        throw new Error(`Electron stand-in: ${name}.${key} is not declared here.`);
      },
    });
  }
  function plain(values: readonly unknown[]): unknown[] {
    const text = JSON.stringify(values);
    if (values.some((value) => typeof value === 'object' && value !== null)) {
      throw new Error('Electron stand-in: only plain values pass here.');
    }
    return JSON.parse(text) as unknown[];
  }
  /** A port of the page whose other end lives in Node. */
  function openPort(id: number): MessagePort {
    const { port1, port2 } = new MessageChannel();
    ports.set(id, port1);
    port1.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      if (typeof data !== 'string') throw new Error('Electron stand-in: only text passes its ports.');
      tell({ type: 'port-message', id, data });
    });
    port1.addEventListener('close', () => {
      ports.delete(id);
      tell({ type: 'port-close', id });
    });
    port1.start();
    return port2;
  }

  world[receiveName] = (message: ToPage): void => {
    if (message.type === 'port-message') ports.get(message.id)?.postMessage(message.data);
    else if (message.type === 'port-close') {
      ports.get(message.id)?.close();
      ports.delete(message.id);
    } else {
      const event = closed('IpcRendererEvent', { ports: message.ports.map(openPort) });
      for (const listener of listeners.get(message.channel) ?? []) listener(event, ...message.args);
    }
  };
  document.addEventListener('electron-stand-in-call', (event) => {
    const call = JSON.parse((event as CustomEvent<string>).detail) as { name: string; key: string; args: unknown[] };
    if (exposed.get(call.name)?.[call.key]?.(...plain(call.args)) !== undefined) {
      throw new Error('Electron stand-in: functions of the bridge return nothing here.');
    }
  });

  const electron = closed('electron', {
    ipcRenderer: closed('ipcRenderer', {
      on(channel: string, listener: (event: unknown, ...args: unknown[]) => void) {
        listeners.set(channel, [...(listeners.get(channel) ?? []), listener]);
      },
      send: (channel: string, ...args: unknown[]) => tell({ type: 'send', channel, args: plain(args) }),
    }),
    contextBridge: closed('contextBridge', {
      exposeInMainWorld(name: string, api: Record<string, (...args: unknown[]) => unknown>) {
        if (exposed.has(name)) throw new Error(`Electron stand-in: ${name} was exposed already.`);
        const functions = Object.keys(api);
        if (functions.some((key) => typeof api[key] !== 'function')) {
          throw new Error('Electron stand-in: the bridge passes functions here, and nothing else.');
        }
        const other = functions.find((key) => key !== 'askForPort');
        if (other !== undefined) throw new Error(`Electron stand-in: refused, the bridge has ${other}.`);
        exposed.set(name, api);
        const detail = JSON.stringify({ name, functions });
        document.dispatchEvent(new CustomEvent('electron-stand-in-expose', { detail }));
      },
    }),
  });
  function require(name: string): unknown {
    if (name === 'electron') return electron;
    throw new Error(`Electron stand-in: a sandboxed preload cannot load '${name}'.`);
  }
  const module = { exports: {} };
  tell({ type: 'hello' });
  preload(require, module, module.exports);
}
