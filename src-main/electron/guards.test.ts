import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Session, WebContents } from 'electron';
import { guardContents, guardSession } from './guards.ts';

type Handler = (...args: unknown[]) => unknown;

/** Keeps what was set and listened to. */
function recorder(): { target: object; set: Map<string, Handler> } {
  const set = new Map<string, Handler>();
  const target = new Proxy(
    { on: (event: string, listener: Handler) => void set.set(event, listener) },
    {
      get: (object, key): unknown =>
        key in object ? Reflect.get(object, key) : (handler: Handler) => void set.set(String(key), handler),
    },
  );
  return { target, set };
}

/** Every permission that this Electron knows, read from its own types. */
function everyPermission(): string[] {
  const folder = path.dirname(createRequire(import.meta.url).resolve('electron/package.json'));
  const types = readFileSync(path.join(folder, 'electron.d.ts'), 'utf8');
  const signatures = types.match(/setPermission(?:Check|Request)Handler\(handler: .*/g) ?? [];
  return [...new Set(signatures.flatMap((line) => [...line.matchAll(/'([\w-]+)'/g)].map(([, name]) => String(name))))];
}

describe('permissions', () => {
  const { target, set } = recorder();
  guardSession(target as unknown as Session);
  const permissions = everyPermission();

  it('are all known', () => {
    expect(permissions.length).toBeGreaterThan(40);
    expect(permissions).toEqual(expect.arrayContaining(['media', 'clipboard-read', 'openExternal', 'unknown']));
  });

  it.each(permissions)('%s is denied, asked or checked, by whatever origin', (permission) => {
    for (const origin of ['app://console', 'https://evil.example', 'null', '']) {
      const answers: unknown[] = [];
      const answer = (granted: unknown): void => void answers.push(granted);
      set.get('setPermissionRequestHandler')?.({}, permission, answer, { requestingUrl: origin, isMainFrame: true });
      expect(answers).toEqual([false]);
      expect(set.get('setPermissionCheckHandler')?.(null, permission, origin, {})).toBe(false);
    }
  });

  it('for devices and screens are denied', () => {
    for (const deviceType of ['hid', 'serial', 'usb']) {
      expect(set.get('setDevicePermissionHandler')?.({ deviceType, origin: 'app://console', device: {} })).toBe(false);
    }
    const streams: unknown[] = [];
    set.get('setDisplayMediaRequestHandler')?.({}, (given: unknown) => streams.push(given));
    expect(streams).toEqual([null]);
  });

  it('do not let the page save a file', () => {
    let prevented = false;
    set.get('will-download')?.({ preventDefault: () => (prevented = true) }, {}, {});
    expect(prevented).toBe(true);
  });
});

describe('contents', () => {
  const { target, set } = recorder();
  const outside: string[] = [];
  guardContents(target as unknown as WebContents, (url) => outside.push(url));

  const corpus = [
    'https://evil.example/',
    'app://console/',
    'app://console.evil.example/',
    'app://console@evil.example/',
    'APP://CONSOLE/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'blob:app://console/1',
    'about:blank',
    'view-source:app://console/',
    'chrome://settings',
    'devtools://devtools/bundled/inspector.html',
    'ms-msdt:/id',
    'smb://host/share',
    String.raw`\\host\share`,
    'https://console\0.example',
    '',
  ];
  const goes = (event: string, url: string): boolean => {
    let prevented = false;
    set.get(event)?.({ url, isMainFrame: true, preventDefault: () => (prevented = true) }, url);
    return !prevented;
  };

  it.each(['will-navigate', 'will-frame-navigate', 'will-redirect', 'will-attach-webview'])(
    '%s goes nowhere',
    (event) => {
      for (const url of corpus) expect([url, goes(event, url)]).toEqual([url, false]);
      fc.assert(fc.property(fc.string(), (url) => !goes(event, url)));
    },
  );

  it('open no window', () => {
    for (const url of corpus) {
      expect(set.get('setWindowOpenHandler')?.({ url, frameName: '', features: '' })).toEqual({ action: 'deny' });
    }
  });
});
