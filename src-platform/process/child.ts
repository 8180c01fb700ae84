/**
 * Starts every process that must not outlive us: PostgreSQL, Redis, gateway, provider, Chromium.
 *
 * Three things are guaranteed:
 *  1. *Ready means ready*: `startChild` resolves on the child's own ready line, never because "a port answers"
 *     (another program may listen there), and rejects with the child's last words when it ends before.
 *  2. *No orphan*: the child gets its stop signal when this process ends, also by SIGKILL. On Linux the kernel does it
 *     (`setpriv --pdeathsig`); elsewhere a small guard process holds a pipe to us (`guard.mjs`).
 *  3. *No stray Ctrl-C*: the child leads its own process group, so a signal of the terminal reaches only us and we
 *     decide the order of closing.
 *
 * As root, programs that refuse to run as root go into a user namespace with one uid: to themselves they are `nobody`,
 * to the kernel still root, so nothing has to be copied or handed over, and Chromium keeps its sandbox.
 *
 * PDEATHSIG fires when the parent *thread* ends: call this from the main thread, never from a worker.
 */
import { spawn, spawnSync, type ChildProcess, type StdioOptions } from 'node:child_process';
import { userInfo } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

type StopSignal = 'SIGINT' | 'SIGTERM';

export interface ChildOptions {
  /** Name for messages: "PostgreSQL". */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The signal on which this program closes cleanly (PostgreSQL: SIGINT, its fast stop). */
  readonly stopSignal: StopSignal;
  /** A line on stdout or stderr that says the program is ready; absent: ready as soon as it runs. */
  readonly ready?: RegExp;
  /** Milliseconds until a start without the ready line counts as failed. Default 30,000. */
  readonly readyTimeoutMs?: number;
  /** Milliseconds after the stop signal until SIGKILL. Default 10,000. */
  readonly stopTimeoutMs?: number;
  /** True for programs that refuse to run as root (PostgreSQL, Chromium) or as a user without a name (initdb). */
  readonly refusesRoot?: boolean;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Number of extra pipes from file descriptor 3 on (Chromium's debugging pipe wants two). */
  readonly extraPipes?: number;
  /** Aborted while the child is starting: it is asked to close, and the start is rejected. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Where the kernel doesn't help: the Node that runs the guard process, and the guard's file. Default: this program and the
   * file beside this one, neither of which is right inside Electron, whose program is no Node and whose code is a bundle.
   */
  readonly guard?: { readonly node: string; readonly script: string } | undefined;
  /** Hears every line of both outputs. */
  readonly onLine?: (line: string, from: 'stdout' | 'stderr') => void;
}

export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Child {
  readonly name: string;
  readonly pid: number;
  /** The line that said ready (empty when none was asked for). */
  readonly readyLine: string;
  /** Extra pipes in order, from file descriptor 3. */
  readonly pipes: readonly (Readable | Writable)[];
  readonly exited: Promise<ChildExit>;
  /** Asks it to close, kills it after the time-out, resolves when it has ended. Safe to call twice. */
  stop(): Promise<void>;
  /** SIGKILL at once: for fault tests. */
  kill(): Promise<void>;
}

/** A program could not be started; the message names it, the reason and its last lines. */
export class ChildStartError extends Error {
  override readonly name = 'ChildStartError';
}

const LAST_LINES = 12;

export async function startChild(options: ChildOptions): Promise<Child> {
  options.signal?.throwIfAborted();
  const { command, args } = guardCommand(options);
  const extra = Array.from({ length: options.extraPipes ?? 0 }, () => 'pipe' as const);
  const stdio: StdioOptions = ['pipe', 'pipe', 'pipe', ...extra];
  const child = spawn(command, args, { stdio, detached: true, env: options.env, cwd: options.cwd });
  const lastLines: string[] = [];
  const exited = new Promise<ChildExit>((resolve) => {
    child.once('error', (error) => {
      lastLines.push(error.message);
      resolve({ code: null, signal: null });
    });
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  const stop = () => stopChild(child, exited, options.stopSignal, options.stopTimeoutMs ?? 10_000);
  const stopOnAbort = () => void stop();
  options.signal?.addEventListener('abort', stopOnAbort, { once: true });
  const readyLine = await untilReady(child, options, lastLines, exited).finally(() =>
    options.signal?.removeEventListener('abort', stopOnAbort),
  );
  const pid = child.pid;
  if (pid === undefined) throw new ChildStartError(`${options.name} could not be started: ${lastLines.join('\n')}`);
  return {
    name: options.name,
    pid,
    readyLine,
    pipes: child.stdio.slice(3).filter((pipe) => pipe !== null && pipe !== undefined),
    exited,
    stop,
    kill: () => stopChild(child, exited, 'SIGKILL', 0),
  };
}

/** Runs a program that ends by itself. `signal`, aborted at any time: it is asked to close. */
export async function runToEnd(options: ChildOptions): Promise<ChildExit> {
  const child = await startChild(options);
  const stop = () => void child.stop();
  options.signal?.addEventListener('abort', stop, { once: true });
  try {
    return await child.exited;
  } finally {
    options.signal?.removeEventListener('abort', stop);
  }
}

async function untilReady(
  child: ChildProcess,
  options: ChildOptions,
  lastLines: string[],
  exited: Promise<ChildExit>,
): Promise<string> {
  const { promise: ready, resolve: markReady } = Promise.withResolvers<string>();
  for (const from of ['stdout', 'stderr'] as const) {
    const stream = child[from];
    if (!stream) continue;
    createInterface({ input: stream }).on('line', (line) => {
      lastLines.push(line);
      if (lastLines.length > LAST_LINES) lastLines.shift();
      options.onLine?.(line, from);
      if (options.ready?.test(line)) markReady(line);
    });
  }
  if (!options.ready) child.once('spawn', () => markReady(''));
  const { promise: late, reject: tooLate } = Promise.withResolvers<never>();
  const seconds = (options.readyTimeoutMs ?? 30_000) / 1000;
  const timer = setTimeout(() => {
    child.kill('SIGKILL');
    tooLate(new ChildStartError(`${options.name} was not ready after ${seconds} s.\n${lastLines.join('\n')}`));
  }, seconds * 1000);
  const ended = exited.then(({ code, signal }) => {
    const how = signal ? `by ${signal}` : `with exit code ${code ?? 'unknown'}`;
    throw new ChildStartError(`${options.name} ended ${how} before it was ready.\n${lastLines.join('\n')}`);
  });
  try {
    return await Promise.race([ready, ended, late]);
  } finally {
    clearTimeout(timer);
    ended.catch(() => undefined);
  }
}

async function stopChild(
  child: ChildProcess,
  exited: Promise<ChildExit>,
  signal: NodeJS.Signals,
  timeoutMs: number,
): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  const timer = timeoutMs > 0 ? setTimeout(() => child.kill('SIGKILL'), timeoutMs) : undefined;
  await exited;
  clearTimeout(timer);
}

/** Puts the guards before the command: user namespace (root only), death signal (Linux) or the guard process. */
export function guardCommand(
  options: Pick<ChildOptions, 'name' | 'command' | 'args' | 'stopSignal' | 'refusesRoot' | 'guard'>,
): {
  command: string;
  args: string[];
} {
  const isRoot = process.getuid?.() === 0;
  const wantsNamespace = options.refusesRoot === true && (isRoot || isNameless());
  const asNobody = wantsNamespace && hasUserNamespaces();
  if (wantsNamespace && !asNobody && isRoot) {
    throw new ChildStartError(
      `${options.name} refuses to run as root, and this machine allows no user namespaces. Run TenantDesk as an ordinary user.`,
    );
  }
  const namespace = asNobody ? ['unshare', '-U', '--map-user=65534', '--map-group=65534'] : [];
  const guard = options.guard ?? { node: process.execPath, script: path.join(import.meta.dirname, 'guard.mjs') };
  const lifeline = hasSetpriv()
    ? ['setpriv', '--pdeathsig', options.stopSignal.slice(3)]
    : [guard.node, guard.script, options.stopSignal];
  const [command = options.command, ...args] = [...namespace, ...lifeline, options.command, ...options.args];
  return { command, args };
}

const probes = new Map<string, boolean>();

function probe(command: string, ...args: string[]): boolean {
  let works = probes.get(command);
  if (works === undefined) {
    works = process.platform === 'linux' && spawnSync(command, args, { stdio: 'ignore' }).status === 0;
    probes.set(command, works);
  }
  return works;
}

/** A container may run us under an id that no account has. */
function isNameless(): boolean {
  try {
    return userInfo().username === '';
  } catch {
    return true;
  }
}

const hasSetpriv = (): boolean => probe('setpriv', '--pdeathsig', 'TERM', 'true');
const hasUserNamespaces = (): boolean => probe('unshare', '-U', '--map-user=65534', '--map-group=65534', 'true');
