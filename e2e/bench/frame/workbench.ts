import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startChild, type Child, type ChildOptions } from '../../../src-platform/process/child.ts';

/** The subject has one core to itself; load, upstream and stores share the other. */
export type Core = 'subject' | 'rest';

/** What every benchmark works with: a scratch folder, pinned children, and an order of closing. */
export interface Workbench {
  /** Fewer rounds and rows: to see that it runs, not to quote. */
  readonly quick: boolean;
  /** Private folder, removed at the end. */
  readonly folder: string;
  readonly projectFolder: string;
  /** 0 to 1. */
  readonly random: () => number;
  /** Aborted on Ctrl-C. */
  readonly signal: AbortSignal;
  /** A line of progress. */
  readonly say: (line: string) => void;
  /** Starts a child on a core; it is stopped when the benchmark ends. */
  start(options: ChildOptions & { readonly core?: Core }): Promise<Child>;
  /** Starts a TypeScript file of this folder under our Node. Its ready line begins with `ready <port>`. */
  startNode(file: string, options?: StartNodeOptions): Promise<{ child: Child; port: number }>;
  /** Moves a running process with all its threads to a core. */
  pin(pid: number, core: Core): void;
  /** To be closed at the end; last in, first out. */
  onClose(close: () => Promise<void> | void): void;
}

export interface StartNodeOptions {
  readonly core?: Core;
  readonly args?: readonly string[];
  readonly nodeArgs?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly readyTimeoutMs?: number;
}

export interface WorkbenchOptions {
  readonly quick: boolean;
  readonly projectFolder: string;
  readonly random: () => number;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

export const canPin = (): boolean =>
  os.availableParallelism() > 1 && spawnSync('taskset', ['-c', '0', 'true'], { stdio: 'ignore' }).status === 0;

/** Runs `work` with a workbench of its own and closes everything that was started on it, whatever happens. */
export async function withWorkbench<T>(options: WorkbenchOptions, work: (bench: Workbench) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'tenantdesk-bench-'));
  const closers: (() => Promise<void> | void)[] = [() => rmSync(folder, { recursive: true, force: true })];
  const pins = canPin();
  const cpu = (core: Core): string => (core === 'subject' ? '0' : '1');
  const start: Workbench['start'] = async ({ core, ...child }) => {
    const pinned = pins && core !== undefined;
    const started = await startChild({
      ...child,
      command: pinned ? 'taskset' : child.command,
      args: pinned ? ['-c', cpu(core), child.command, ...child.args] : child.args,
      signal: options.signal,
    });
    closers.push(() => started.stop());
    return started;
  };
  const bench: Workbench = {
    ...options,
    folder,
    start,
    async startNode(file, { core, args = [], nodeArgs = [], env, readyTimeoutMs } = {}) {
      const child = await start({
        name: file,
        command: process.execPath,
        args: [...nodeArgs, path.join(options.projectFolder, 'e2e/bench', file), ...args],
        core,
        stopSignal: 'SIGTERM',
        stopTimeoutMs: 3000,
        ready: /^ready \d+/,
        readyTimeoutMs,
        env: { ...process.env, ...env },
      });
      return { child, port: Number(child.readyLine.split(' ')[1]) };
    },
    pin(pid, core) {
      if (pins) spawnSync('taskset', ['-a', '-p', '-c', cpu(core), String(pid)], { stdio: 'ignore' });
    },
    onClose: (close) => void closers.push(close),
  };
  try {
    return await work(bench);
  } finally {
    for (let close = closers.pop(); close; close = closers.pop()) {
      try {
        await close();
      } catch (error) {
        options.say(`not closed: ${String(error)}`);
      }
    }
  }
}
