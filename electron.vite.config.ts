import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';
import type { Plugin } from 'vite';
import { writePageList } from './src-main/app/page-list.ts';

/**
 * One entry for each process of the Electron shell. The browser shell needs the page alone (TENANTDESK_BUILD=page).
 *
 * The page is served under the strict CSP: nothing inline, no data: scripts, the nonce filled in per answer. Main keeps the
 * packages of `dependencies` outside (electron-vite's default): they are loaded from node_modules. A sandboxed preload can
 * load nothing, so it is one CommonJS file.
 */
export default defineConfig({
  ...(process.env['TENANTDESK_BUILD'] === 'page'
    ? {}
    : {
        main: {
          build: {
            outDir: 'out/main',
            emptyOutDir: true,
            target: 'node24',
            rollupOptions: {
              input: { index: 'src-main/launch/electron-main.ts' },
              output: { format: 'es', entryFileNames: '[name].js' },
            },
          },
        },
        preload: {
          build: {
            outDir: 'out/preload',
            emptyOutDir: true,
            target: 'node24',
            externalizeDeps: false,
            rollupOptions: {
              input: { index: 'src-main/electron/preload.ts' },
              output: { format: 'cjs', entryFileNames: '[name].cjs' },
            },
          },
        },
      }),
  renderer: {
    root: 'src-renderer',
    plugins: [react(), pageList()],
    html: { cspNonce: '__CSP_NONCE__' },
    build: {
      outDir: 'out/renderer',
      emptyOutDir: true,
      target: 'chrome153',
      minify: true,
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rollupOptions: { input: 'src-renderer/index.html' },
    },
  },
});

/** Notes what was built: a shell serves that and nothing else that lies in the folder. */
function pageList(): Plugin {
  return {
    name: 'tenantdesk:page-list',
    writeBundle({ dir }, bundle) {
      if (dir !== undefined) writePageList(dir, Object.keys(bundle));
    },
  };
}
