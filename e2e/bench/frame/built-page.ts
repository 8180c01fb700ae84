import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { build } from 'vite';
import type { Workbench } from './workbench.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
};

/** Builds a page of `pages/` as ours is built and serves it on loopback; resolves with its address. */
export async function serveBuiltPage(bench: Workbench, name: string): Promise<string> {
  const outFolder = path.join(bench.folder, `page-${name}`);
  await build({
    root: path.join(bench.projectFolder, 'e2e/bench/pages', name),
    configFile: false,
    logLevel: 'error',
    mode: 'production',
    build: { outDir: outFolder, minify: true, target: 'chrome153', modulePreload: { polyfill: false } },
  });
  const server = createServer((request, response) => {
    const asked = path.posix.normalize((request.url ?? '/').split('?', 1)[0] ?? '/');
    const file = asked === '/' ? '/index.html' : asked;
    try {
      const body = readFileSync(path.join(outFolder, file));
      response.setHeader('content-type', TYPES[path.extname(file)] ?? 'application/octet-stream');
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  bench.onClose(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`;
}
