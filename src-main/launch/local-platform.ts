import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { ChildStartError, startChild, type Child, type ChildOptions } from '../../src-platform/process/child.ts';
import type { StartOptions } from './start-options.ts';

/** What the local platform says of itself when it is ready; shapes of the JSON line in the platform's description. */
const readyLine = z.object({
  ready: z.literal(true),
  gateway: z.url(),
  data: z.string(),
  operators: z.array(z.object({ login: z.string(), role: z.string(), postgres: z.string(), gatewayToken: z.string() })),
});

/** A platform, with the operator whose login the console uses. */
export interface Platform {
  readonly gatewayUrl: string;
  /** The platform's data folder. */
  readonly data: string;
  readonly operator: { readonly login: string; readonly postgresUrl: string; readonly gatewayToken: string };
}

export interface LocalPlatform extends Platform {
  readonly child: Child;
}

const READY_TIMEOUT_MS = 180_000;
const STOP_TIMEOUT_MS = 20_000;

export interface LocalPlatformOptions {
  readonly options: Pick<StartOptions, 'data' | 'tenants' | 'history' | 'traffic' | 'role'>;
  readonly projectFolder: string;
  /** The Node that runs it; inside Electron it is not this program. */
  readonly node: string;
  /** Hears its progress. */
  readonly say: (line: string) => void;
  /** Aborted: it is stopped, also while starting. */
  readonly signal: AbortSignal;
}

/** Its words stood on the screen while it started: the error need not repeat them. */
async function startPlatformChild(options: ChildOptions): Promise<Child> {
  try {
    return await startChild(options);
  } catch (error) {
    if (!(error instanceof ChildStartError)) throw error;
    const [sentence] = error.message.split('\n');
    throw new ChildStartError(sentence);
  }
}

/** Starts the local platform as a child; resolves when it is ready. */
export async function startLocalPlatform({
  options,
  projectFolder,
  node,
  say,
  signal,
}: LocalPlatformOptions): Promise<LocalPlatform> {
  const child = await startPlatformChild({
    name: 'The local platform',
    command: node,
    guard: { node, script: path.join(projectFolder, 'src-platform/process/guard.mjs') },
    args: [
      path.join(projectFolder, 'src-platform/local/platform.ts'),
      '--json',
      ...(options.data === undefined ? [] : ['--data', options.data]),
      ...(options.tenants === undefined ? [] : ['--tenants', String(options.tenants)]),
      ...(options.history === undefined ? [] : ['--history', String(options.history)]),
      ...(options.traffic ? [] : ['--no-traffic']),
    ],
    stopSignal: 'SIGTERM',
    stopTimeoutMs: STOP_TIMEOUT_MS,
    ready: /^\{"ready":true/,
    readyTimeoutMs: READY_TIMEOUT_MS,
    env: process.env,
    signal,
    onLine: (line, from) => {
      // Its parts log in JSON; what is written for people is passed on.
      if (from === 'stderr' && line !== '' && !line.startsWith('{')) say(line);
    },
  });
  try {
    return { child, ...describe(child.readyLine, options.role) };
  } catch (error) {
    await child.stop();
    throw error;
  }
}

/**
 * A platform that runs already, as `npm run platform -- --json` described itself in a file; the console neither starts nor
 * stops it. The file holds logins: it belongs to one user, and so should its mode say.
 */
export function joinPlatform(file: string, role: StartOptions['role']): Platform {
  try {
    return describe(readFileSync(file, 'utf8'), role);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) {
      throw new Error(`${file} is not what "npm run platform -- --json" prints when it is ready.`, { cause: error });
    }
    if (error instanceof Error && 'code' in error) {
      throw new Error(`${file} cannot be read (${String(error.code)}).`, { cause: error });
    }
    throw error;
  }
}

function describe(text: string, role: StartOptions['role']): Platform {
  const { gateway, data, operators } = readyLine.parse(JSON.parse(text));
  const found = operators.find((operator) => operator.role === `td_${role}`);
  if (!found) throw new Error(`The platform has no operator with the role ${role}.`);
  const operator = { login: found.login, postgresUrl: found.postgres, gatewayToken: found.gatewayToken };
  return { gatewayUrl: gateway, data, operator };
}
