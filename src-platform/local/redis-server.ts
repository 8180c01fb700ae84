import { fileURLToPath } from 'node:url';
import { startChild, type Child } from '../process/child.ts';
import { freePort } from '../process/free-port.ts';
import { writeAtomically } from './credentials-file.ts';

export interface RedisServer {
  readonly port: number;
  readonly child: Child;
  /** With the password, if it has one. */
  readonly url: string;
  /** What serves: a real Redis (or Valkey), or the stand-in written in JavaScript. */
  readonly engine: 'redis' | 'js-redis-server';
}

export interface RedisOptions {
  readonly port?: number;
  /** A Redis program, see `findRealRedis`; without one the stand-in that comes with the packages serves. */
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
  const { password, program } = options;
  const url = `redis://${password === undefined ? '' : `:${password.text}@`}127.0.0.1:${port}`;
  if (program === undefined) {
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
    return { port, child, url, engine: 'js-redis-server' };
  }
  if (password) writeAtomically(password.configFile, `requirepass ${password.text}\n`);
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const child = await startChild({
    name: 'Redis',
    command: program,
    args: [...(password ? [password.configFile] : []), ...settings, '--daemonize', 'no'],
    stopSignal: 'SIGTERM',
    ready: /Ready to accept connections/i,
    ...(options.env ? { env: options.env } : {}),
    ...(options.onLine ? { onLine: options.onLine } : {}),
  });
  return { port, child, url, engine: 'redis' };
}
