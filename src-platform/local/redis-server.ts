import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { startChild, type Child } from '../process/child.ts';
import { freePort } from '../process/free-port.ts';
import { writeAtomically } from './credentials-file.ts';

export interface RedisServer {
  readonly port: number;
  readonly child: Child;
  /** With the password, if it has one. */
  readonly url: string;
  /** What serves: a real engine found on PATH, or the stand-in written in JavaScript. */
  readonly engine: 'redis-server' | 'valkey-server' | 'js-redis-server';
}

export interface RedisOptions {
  readonly port?: number;
  /** A Redis program to use instead of looking on PATH. */
  readonly program?: string;
  /** Environment of that program (libraries of an unpacked one); default: ours. */
  readonly env?: NodeJS.ProcessEnv;
  /** Without it nothing is done for anybody; default: none is asked for. */
  readonly password?: RedisPassword;
  /** Hears every line it prints. */
  readonly onLine?: (line: string) => void;
}

export interface RedisPassword {
  /** Of letters, digits, - and _. */
  readonly text: string;
  /** Is written with it (mode 0600), for Redis to read: everybody on the machine sees a process's arguments. */
  readonly configFile: string;
}

/** Starts Redis on loopback without persistence: nothing in it may matter after it is gone. */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  const port = options.port ?? (await freePort());
  const engine = findRedisEngine(options.program);
  const { password } = options;
  const url = `redis://${password === undefined ? '' : `:${password.text}@`}127.0.0.1:${port}`;
  if (engine === 'js-redis-server') {
    const script = fileURLToPath(new URL('./js-redis.ts', import.meta.url));
    const child = await startChild({
      name: 'js-redis-server',
      command: process.execPath,
      args: [script, String(port)],
      stopSignal: 'SIGTERM',
      ready: /ready on port/,
      ...(password ? { env: { ...process.env, TENANTDESK_REDIS_PASSWORD: password.text } } : {}),
      ...(options.onLine ? { onLine: options.onLine } : {}),
    });
    return { port, child, url, engine };
  }
  if (password) writeAtomically(password.configFile, `requirepass ${password.text}\n`);
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const child = await startChild({
    name: 'Redis',
    command: options.program ?? engine,
    args: [...(password ? [password.configFile] : []), ...settings, '--daemonize', 'no'],
    stopSignal: 'SIGTERM',
    ready: /Ready to accept connections/i,
    ...(options.env ? { env: options.env } : {}),
    ...(options.onLine ? { onLine: options.onLine } : {}),
  });
  return { port, child, url, engine };
}

/** The best engine there is: `redis-server`, then `valkey-server`, then the one that comes with the packages. */
export function findRedisEngine(program?: string): RedisServer['engine'] {
  if (program) return 'redis-server';
  for (const engine of ['redis-server', 'valkey-server'] as const) {
    if (spawnSync(engine, ['--version'], { stdio: 'ignore' }).status === 0) return engine;
  }
  return 'js-redis-server';
}
