import { describe, expect, it } from 'vitest';
import { WEB_PREFERENCES, windowOptions } from './window-options.ts';

describe('the window', () => {
  it('has exactly these options: a new one has to be thought about here', () => {
    expect(windowOptions('/built/preload.cjs')).toEqual({
      title: 'TenantDesk',
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

  it('cannot be opened up by whoever got its options before', () => {
    const given = windowOptions('/p');
    Object.assign(given.webPreferences ?? {}, { sandbox: false, nodeIntegration: true });
    expect(windowOptions('/p').webPreferences).toMatchObject({ sandbox: true, nodeIntegration: false });
    expect(Object.isFrozen(WEB_PREFERENCES)).toBe(true);
  });
});
