import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';

/**
 * One entry for each process of the Electron shell. Today only the window is built; `main` and `preload` join it with
 * that shell. The page is served under the strict CSP: nothing inline, no data: scripts, the nonce filled in per answer.
 */
export default defineConfig({
  renderer: {
    root: 'src-renderer',
    plugins: [react()],
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
