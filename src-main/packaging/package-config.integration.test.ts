/**
 * A dry pack for Linux: electron-builder with the real configuration and bundles, around a file that stands for Electron's program (it
 * has the mark of the fuses and nothing else). What is packed, and how the fuses are set, is read from what it made.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { extractAll, listPackage } from '@electron/asar';
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { build, Platform } from 'electron-builder';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { buildElectron } from '../launch/build-page.ts';
import { FUSES } from './fuses.ts';
import { importsOf, neededPackages } from './needed-packages.ts';
import { packageConfig } from './package-config.ts';

const projectFolder = path.resolve(import.meta.dirname, '../..');
/** Where fuses begin in Electron's program (@electron/fuses), then the version of the wire, its length, and each fuse, here all on. */
const FUSE_MARK = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const wire = Buffer.concat([Buffer.from(FUSE_MARK), Buffer.from([1, 9]), Buffer.from('1'.repeat(9))]);

let folder: string;
let packed: string;
let inside: string[];
let program: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'tenantdesk-package-'));
  const dist = path.join(folder, 'electron');
  mkdirSync(path.join(dist, 'resources'), { recursive: true });
  writeFileSync(path.join(dist, 'electron'), Buffer.concat([Buffer.from('\u007fELF stands for Electron '), wire]), {
    mode: 0o755,
  });
  writeFileSync(path.join(dist, 'version'), '45.4.1');
  const built = await buildElectron({ projectFolder, say: () => undefined });
  const packages = neededPackages(importsOf(readFileSync(path.join(built, 'main/index.js'), 'utf8')), projectFolder);
  const output = path.join(folder, 'dist');
  const options = { projectFolder, built, packages, output, electronVersion: '45.4.1', electronDist: dist };
  await build({
    projectDir: projectFolder,
    targets: Platform.LINUX.createTarget('dir'),
    config: packageConfig(options),
  });
  packed = path.join(output, 'linux-unpacked');
  program = path.join(packed, 'tenantdesk');
  inside = listPackage(path.join(packed, 'resources/app.asar'), { isPack: false }).map((name) =>
    name.replace(/^\//, ''),
  );
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('what is packed', () => {
  const ours = (): string[] => inside.filter((name) => !name.startsWith('node_modules'));

  it('of ours is the build, the pictures and the manifest, and nothing else', () => {
    const allowed =
      /^(package\.json|out|out\/(main|preload|renderer)(\/.*)?|resources|resources\/icons(\/[\w@-]+\.png)?)$/;
    expect(ours().filter((name) => !allowed.test(name))).toEqual([]);
    expect(ours()).toEqual(
      expect.arrayContaining([
        'out/main/index.js',
        'out/preload/index.cjs',
        'out/renderer/page-files.json',
        'resources/icons/icon.png',
      ]),
    );
  });

  it('holds no source, test, map, key or setting, also of the packages', () => {
    const unwanted =
      /\.(ts|tsx|mts|map|c|cc|cpp|h|gyp|pem|key|p12|pfx)$|(^|\/)(\.env[^/]*|\.npmrc|\.git[^/]*)$|\.(test|spec)\.|\/(test|tests|__tests__)\//;
    expect(inside.filter((name) => unwanted.test(name))).toEqual([]);
    expect(
      inside.filter((name) => /postgres-local|embedded|portkey|playwright|vitest|electron-builder/.test(name)),
    ).toEqual([]);
  });

  it('has each package that main loads, and native parts outside of the archive', () => {
    for (const name of ['pg', 'kysely', 'zod', 'undici', 'keytar', '@orpc/server', 'better-sqlite3-multiple-ciphers']) {
      expect(inside).toContain(`node_modules/${name}/package.json`);
    }
    const unpacked = readdirSync(path.join(packed, 'resources/app.asar.unpacked'), { recursive: true }).map(String);
    expect(unpacked.filter((name) => name.endsWith('.node'))).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/better-sqlite3.*linux-x64\.node$/),
        expect.stringMatching(/keytar\/prebuilds\/linux-x64\//),
      ]),
    );
  });
});

it('what was packed has all that it needs: it starts, installed, and shows its page', async () => {
  const unpacked = path.join(folder, 'unpacked');
  extractAll(path.join(packed, 'resources/app.asar'), unpacked);
  const userData = path.join(folder, 'user-data');
  const standIn = path.join(projectFolder, 'e2e/electron-stand-in/electron');
  const started = spawn(standIn, [path.join(unpacked, 'out/main/index.js'), `--user-data-dir=${userData}`], {
    env: { ...process.env, HOME: folder, TENANTDESK_PROJECT: '', TENANTDESK_NODE: '', STAND_IN_PACKAGED: '1' },
  });
  let words = '';
  const closed = once(started, 'close');
  const shown = new Promise<void>((resolve) => {
    started.stderr.on('data', (data) => {
      words += String(data);
      if (words.includes('DevTools listening')) resolve();
    });
  });
  await Promise.race([shown, closed]);
  // Made by the console: it is there too.
  await vi.waitFor(() => expect(readdirSync(path.join(userData, 'console'))).toContain('local-cache.key'), 20_000);
  started.kill('SIGTERM');
  await closed;
  expect(words).toContain('DevTools listening');
  expect(words).not.toMatch(/tenantdesk:|stand-in/);
}, 60_000);

describe('fuses', () => {
  it('are all set, as decided', async () => {
    const found = await getCurrentFuseWire(program);
    for (const [fuse, wanted] of Object.entries(FUSES)) {
      const name = FuseV1Options[Number(fuse)];
      expect([name, Reflect.get(found, fuse)]).toEqual([name, wanted ? FuseState.ENABLE : FuseState.DISABLE]);
    }
  });

  it('are these: whoever changes one has to say so here', () => {
    const on = Object.entries(FUSES).flatMap(([fuse, wanted]) => (wanted ? [FuseV1Options[Number(fuse)]] : []));
    expect(on.map(String).toSorted((a, b) => a.localeCompare(b))).toEqual([
      'EnableCookieEncryption',
      'EnableEmbeddedAsarIntegrityValidation',
      'OnlyLoadAppFromAsar',
      'WasmTrapHandlers',
    ]);
  });
});

it('the configuration is one that electron-builder knows, for every system', async () => {
  const load = createRequire(import.meta.url);
  const { validateConfiguration } = load('app-builder-lib/out/util/config/config.js') as {
    validateConfiguration: (config: object, log: object) => Promise<void>;
  };
  const config = packageConfig({ projectFolder, built: '/b', packages: [], output: '/o', electronVersion: '45.4.1' });
  const log = { add: () => undefined, isEnabled: false };
  await validateConfiguration(config, log);
  await expect(validateConfiguration({ ...config, asarUnpacked: [] }, log)).rejects.toThrow('asarUnpacked');
  expect([config.linux?.target, config.mac?.target, config.win?.target]).toMatchObject([
    ['AppImage', 'deb'],
    [{ target: 'dmg' }],
    ['nsis'],
  ]);
  expect(JSON.stringify(config)).not.toMatch(/password|certificateFile|identity|token/i);
});
