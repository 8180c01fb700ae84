import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { startChild, type Child } from '../../process/child.ts';
import type { TestSite } from './test-gateway.ts';

/** Of Linux: sets limits of a process. */
const PRLIMIT = 'prlimit';

/** False: this machine can't limit the files of a process. */
export const canLimitFiles = (): boolean => spawnSync(PRLIMIT, ['--version'], { stdio: 'ignore' }).status === 0;

/** Its files may grow again. */
export function giveRoom({ child }: GatewayChild): void {
  spawnSync(PRLIMIT, ['--pid', String(child.pid), '--fsize=unlimited:'], { stdio: 'ignore' });
}

/** A gateway as a process of its own: it can be killed. */
export interface GatewayChild {
  readonly child: Child;
  readonly address: string;
}

/**
 * Starts one on a site's stores. `fileBytes`: no file of it may grow above that until {@link giveRoom}. `logFile`: its log goes to the end
 * of that one.
 */
export async function startGatewayChild(
  site: TestSite,
  options: {
    readonly dataFolder?: string;
    readonly databaseUrl?: string;
    readonly fileBytes?: number;
    readonly logFile?: string;
    readonly env?: NodeJS.ProcessEnv;
  } = {},
): Promise<GatewayChild> {
  const main = fileURLToPath(new URL('../main.ts', import.meta.url));
  const { fileBytes, logFile } = options;
  const limited = fileBytes === undefined ? [] : [PRLIMIT, `--fsize=${fileBytes}:`];
  const logged = logFile === undefined ? [] : ['sh', '-c', `exec "$@" 2>>"$0"`, logFile];
  const [command, ...args] = [...logged, ...limited, process.execPath, main];
  const child = await startChild({
    name: 'gateway',
    command,
    args,
    stopSignal: 'SIGTERM',
    ready: /^\{"ready":true/,
    onLine: (line) => void site.log.push(line),
    env: {
      ...process.env,
      TENANTDESK_DATABASE_URL: options.databaseUrl ?? site.db.gatewayUrl,
      TENANTDESK_REDIS_URL: site.redis.url,
      TENANTDESK_GATEWAY_PORT: '0',
      TENANTDESK_GATEWAY_DATA: options.dataFolder ?? site.newFolder(),
      TENANTDESK_CREDENTIAL_KEY: site.credentialKey.toString('base64'),
      TENANTDESK_GATEWAY_NOTICE_SECONDS: '0',
      ...options.env,
    },
  });
  const { gateway } = JSON.parse(child.readyLine) as { gateway: string };
  return { child, address: gateway };
}
