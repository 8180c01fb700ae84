import { describe, expect, it } from 'vitest';
import { WEB_PREFERENCES, windowOptions } from './window-options.ts';

describe('the window', () => {
  it('has exactly these options: a new one has to be thought about here', () => {
    expect(windowOptions({ preload: '/built/preload.cjs', icon: '/icons/icon.png' })).toEqual({
      title: 'TenantDesk',
      icon: '/icons/icon.png',
      width: 1440,
      height: 900,
      minWidth: 720,
      minHeight: 480,
      show: false,
      autoHideMenuBar: true,
      webPreferences: {
        preload: '/built/preload.cjs',
        contextIsolation: true,
        sandbox: true,
        nodeIntegration: false,
        nodeIntegrationInWorker: false,
        nodeIntegrationInSubFrames: false,
        webSecurity: true,
        allowRunningInsecureContent: false,
        experimentalFeatures: false,
        webviewTag: false,
        plugins: false,
        navigateOnDragDrop: false,
        spellcheck: false,
      },
    });
  });

  it('stands where it stood, and gets nothing else from there', () => {
    const place = { x: 5, y: 6, width: 900, height: 700 };
    expect(windowOptions({ preload: '/p', icon: '/i', ...place })).toMatchObject({
      ...place,
      show: false,
      minWidth: 720,
    });
  });

  it('cannot be opened up by whoever got its options before', () => {
    const given = windowOptions({ preload: '/p', icon: '/i' });
    Object.assign(given.webPreferences ?? {}, { sandbox: false, nodeIntegration: true });
    expect(windowOptions({ preload: '/p', icon: '/i' }).webPreferences).toMatchObject({
      sandbox: true,
      nodeIntegration: false,
    });
    expect(Object.isFrozen(WEB_PREFERENCES)).toBe(true);
  });
});
