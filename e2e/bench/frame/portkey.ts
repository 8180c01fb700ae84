import { createRequire } from 'node:module';
import path from 'node:path';
import type { Child } from '../../../src-platform/process/child.ts';
import { freePort } from '../../../src-platform/process/free-port.ts';
import type { Workbench } from './workbench.ts';

export interface Portkey {
  readonly child: Child;
  readonly port: number;
  /** What a call needs to reach the upstream. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Portkey's gateway as its package brings it, but on loopback only (it would listen everywhere). */
export async function startPortkey(bench: Workbench, upstreamPort: number): Promise<Portkey> {
  const manifest = createRequire(import.meta.url).resolve('@portkey-ai/gateway/package.json');
  const port = await freePort();
  const child = await bench.start({
    name: 'Portkey gateway',
    command: process.execPath,
    args: [
      '--import',
      path.join(bench.projectFolder, 'e2e/bench/loopback-only.ts'),
      path.join(path.dirname(manifest), 'build/start-server.js'),
      '--headless',
      `--port=${port}`,
    ],
    core: 'subject',
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 2000,
    ready: /Ready for connections/,
    env: { ...process.env, NODE_ENV: 'production' },
  });
  const headers = {
    'x-portkey-provider': 'openai',
    'x-portkey-custom-host': `http://127.0.0.1:${upstreamPort}/v1`,
    authorization: 'Bearer sk-bench',
  };
  return { child, port, headers };
}
