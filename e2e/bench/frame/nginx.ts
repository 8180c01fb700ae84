import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Child } from '../../../src-platform/process/child.ts';
import { freePort } from '../../../src-platform/process/free-port.ts';
import { ANSWER } from './answers.ts';
import { findTool } from './debian-tools.ts';
import type { Core, Workbench } from './workbench.ts';

export interface Nginx {
  readonly child: Child;
  readonly port: number;
}

/** nginx as the provider: a fixed answer to every call. Undefined where there is no nginx. */
export async function startNginxUpstream(bench: Workbench): Promise<Nginx | undefined> {
  const answer = ANSWER.replaceAll('\\', '\\\\').replaceAll("'", String.raw`\'`);
  return startNginx(bench, 'rest', `location / { default_type application/json; return 200 '${answer}'; }`);
}

/** nginx as a proxy, one process: the least that a hop costs in C. */
export async function startNginxProxy(bench: Workbench, upstreamPort: number): Promise<Nginx | undefined> {
  return startNginx(
    bench,
    'subject',
    `location / { proxy_pass http://behind; proxy_http_version 1.1; proxy_set_header Connection ""; }`,
    `upstream behind { server 127.0.0.1:${upstreamPort}; keepalive 512; keepalive_requests 1000000000; }`,
  );
}

async function startNginx(bench: Workbench, core: Core, location: string, upstream = ''): Promise<Nginx | undefined> {
  const nginx = findTool('nginx', process.env);
  if (!nginx) return undefined;
  const port = await freePort();
  const folder = path.join(bench.folder, `nginx-${port}`);
  mkdirSync(folder);
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${folder}/${kind};`,
  );
  writeFileSync(
    path.join(folder, 'nginx.conf'),
    `daemon off; master_process off; pid ${folder}/pid; error_log stderr warn;
events { worker_connections 4096; }
http {
  access_log off; ${paths.join(' ')}
  keepalive_requests 1000000000; keepalive_timeout 120s; tcp_nodelay on;
  ${upstream}
  server { listen 127.0.0.1:${port} backlog=2048; ${location} }
}
`,
  );
  const child = await bench.start({
    name: 'nginx',
    command: nginx.command,
    args: ['-e', 'stderr', '-p', folder, '-c', path.join(folder, 'nginx.conf')],
    core,
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 2000,
    env: nginx.env,
  });
  return { child, port };
}
