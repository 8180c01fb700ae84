import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chooseElectron, findElectron } from './find-electron.ts';

let project: string;
let electron: string;
beforeEach(() => {
  project = mkdtempSync(path.join(os.tmpdir(), 'tenantdesk-electron-'));
  electron = path.join(project, 'node_modules/electron');
  mkdirSync(path.join(electron, 'dist'), { recursive: true });
});
afterEach(() => rmSync(project, { recursive: true, force: true }));

describe('Electron is there', () => {
  it('when its package names a program that can be run', () => {
    const program = path.join(electron, 'dist/electron');
    writeFileSync(path.join(electron, 'path.txt'), 'electron');
    writeFileSync(program, '#!/bin/sh');
    chmodSync(program, 0o755);
    expect(findElectron(project, {})).toBe(program);
  });

  it('in the folder that the user names', () => {
    writeFileSync(path.join(project, 'electron'), '#!/bin/sh');
    expect(findElectron(project, { ELECTRON_OVERRIDE_DIST_PATH: project })).toBeUndefined();
    chmodSync(path.join(project, 'electron'), 0o755);
    expect(findElectron(project, { ELECTRON_OVERRIDE_DIST_PATH: project })).toBe(path.join(project, 'electron'));
  });

  it('not when nothing was downloaded, or half of it', () => {
    expect(findElectron(project, {})).toBeUndefined();
    writeFileSync(path.join(electron, 'path.txt'), 'electron');
    expect(findElectron(project, {})).toBeUndefined();
    rmSync(electron, { recursive: true });
    expect(findElectron(project, {})).toBeUndefined();
  });
});

describe('Electron is taken', () => {
  const program = '/there/electron';
  const display = { DISPLAY: ':0' };

  it('for a window that somebody sees', () => {
    expect(chooseElectron({ options: { open: true }, env: display, program })).toBe(program);
  });

  it('not without its program, a display or the wish for a window', () => {
    expect(chooseElectron({ options: { open: true }, env: display, program: undefined })).toBeUndefined();
    expect(chooseElectron({ options: { open: false }, env: display, program })).toBeUndefined();
    if (process.platform === 'linux') {
      expect(chooseElectron({ options: { open: true }, env: {}, program })).toBeUndefined();
    }
  });
});
