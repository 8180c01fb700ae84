/** What electron-builder makes of a built console: installers for Linux, macOS and Windows. Signing comes from the environment alone. */
import path from 'node:path';
import type { AfterPackContext, Configuration } from 'electron-builder';
import { LINK_SCHEME } from '../shell/tenant-link.ts';
import { setFuses } from './fuses.ts';

export interface PackageOptions {
  readonly projectFolder: string;
  /** The built bundles: main, preload, renderer. */
  readonly built: string;
  /** Folders of packages that the main bundle loads, from the project's root. */
  readonly packages: readonly string[];
  /** Where the installers are written. */
  readonly output: string;
  readonly electronVersion: string;
  /** A folder with Electron's program; absent: downloaded. */
  readonly electronDist?: string;
}

/** Of a package: what only its makers need. */
const NOT_OF_PACKAGES = [
  '!**/*.{ts,mts,cts,map,md,markdown,c,cc,cpp,h,hpp,gyp,gypi,o,a,obj,pdb,yml,yaml,lock}',
  '!**/{test,tests,__tests__,spec,example,examples,benchmark,benchmarks,docs,coverage,.github,.git,script}{,/**}',
  '!**/*.{test,spec}.{js,cjs,mjs}',
  '!**/{.env*,.npmrc,.npmignore,.gitignore,.eslintrc*,.prettierrc*,tsconfig*.json}',
  '!**/better-sqlite3-multiple-ciphers/{deps,src}{,/**}',
  '!**/keytar/{src,build}{,/**}',
];

export function packageConfig(options: PackageOptions): Configuration {
  const { projectFolder, built, packages, output, electronVersion, electronDist } = options;
  return {
    appId: 'com.tenantdesk.console',
    productName: 'TenantDesk',
    electronVersion,
    ...(electronDist === undefined ? {} : { electronDist }),
    directories: { output, buildResources: path.join(projectFolder, 'resources') },
    asar: true,
    // Programs of the system load these themselves, and cannot look into an archive.
    asarUnpack: ['**/*.node'],
    // All native parts speak N-API and bring their programs along: nothing is compiled for this Electron.
    npmRebuild: false,
    nodeGypRebuild: false,
    files: [
      // Nothing by itself, also of the packages: each is named below.
      '!**/*',
      'package.json',
      ...['main', 'preload', 'renderer'].map((part) => ({
        from: path.join(built, part),
        to: `out/${part}`,
        filter: ['**/*'],
      })),
      { from: path.join(projectFolder, 'resources/icons'), to: 'resources/icons', filter: ['*.png'] },
      ...packages.map((folder) => ({
        from: path.join(projectFolder, folder),
        to: folder,
        filter: ['**/*', '!node_modules{,/**}', ...NOT_OF_PACKAGES],
      })),
    ],
    protocols: [{ name: 'TenantDesk client', schemes: [LINK_SCHEME] }],
    afterPack: (context) => setFuses(programOf(context), context.electronPlatformName === 'darwin'),
    linux: {
      target: ['AppImage', 'deb'],
      category: 'Office',
      icon: 'icons/icon.png',
      maintainer: 'TenantDesk',
      executableName: 'tenantdesk',
    },
    mac: {
      target: [{ target: 'dmg', arch: ['x64', 'arm64'] }],
      category: 'public.app-category.business',
      icon: 'icons/icon.png',
      hardenedRuntime: true,
      gatekeeperAssess: false,
      entitlements: path.join(projectFolder, 'resources/entitlements.plist'),
      entitlementsInherit: path.join(projectFolder, 'resources/entitlements.plist'),
      // Where the environment has an Apple id for it, the finished program is shown to Apple.
      notarize: true,
    },
    win: { target: ['nsis'], icon: 'icons/icon.png' },
    nsis: {
      oneClick: false,
      perMachine: true,
      allowToChangeInstallationDirectory: false,
      deleteAppDataOnUninstall: false,
    },
    publish: null,
  };
}

/** The program whose fuses are set. */
function programOf({ appOutDir, electronPlatformName, packager }: AfterPackContext): string {
  const name = packager.appInfo.productFilename;
  if (electronPlatformName === 'darwin') return path.join(appOutDir, `${name}.app`);
  return path.join(appOutDir, electronPlatformName === 'win32' ? `${name}.exe` : 'tenantdesk');
}
