import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** A program that can be run where it lies. */
export interface Tool {
  readonly command: string;
  readonly env: NodeJS.ProcessEnv;
}

const TOOLS = {
  wrk: { program: 'usr/bin/wrk', packages: ['wrk', 'libluajit-5.1-2'], probe: ['-v'] },
  nginx: { program: 'usr/sbin/nginx', packages: ['nginx'], probe: ['-v'] },
} as const;

/**
 * wrk or nginx: from PATH, else unpacked (never installed) from Debian's packages into the user's cache. Undefined where
 * neither works; the benchmark then does without and says so.
 */
export function findTool(name: keyof typeof TOOLS, env: NodeJS.ProcessEnv): Tool | undefined {
  const { program, packages, probe } = TOOLS[name];
  if (spawnSync(name, probe, { stdio: 'ignore' }).error === undefined) return { command: name, env };
  const cache = path.join(env['XDG_CACHE_HOME'] ?? path.join(env['HOME'] ?? os.homedir(), '.cache'), 'tenantdesk');
  const folder = path.join(cache, `bench-${name}`);
  if (!existsSync(path.join(folder, program)) && !unpack(packages, folder)) return undefined;
  const libraries = path.join(folder, 'usr/lib/x86_64-linux-gnu');
  const tool = { command: path.join(folder, program), env: { ...env, LD_LIBRARY_PATH: libraries } };
  const runs = spawnSync(tool.command, probe, { stdio: 'ignore', env: tool.env });
  // Both print a version; wrk ends with 1 after it, and a missing library with 127.
  return runs.error === undefined && runs.status !== 127 ? tool : undefined;
}

function unpack(packages: readonly string[], folder: string): boolean {
  const partial = `${folder}.partial-${process.pid}`;
  mkdirSync(partial, { recursive: true, mode: 0o700 });
  try {
    if (spawnSync('apt-get', ['download', ...packages], { cwd: partial, stdio: 'ignore' }).status !== 0) return false;
    for (const file of readdirSync(partial).filter((file) => file.endsWith('.deb'))) {
      if (spawnSync('dpkg-deb', ['-x', file, '.'], { cwd: partial, stdio: 'ignore' }).status !== 0) return false;
      rmSync(path.join(partial, file));
    }
    rmSync(folder, { recursive: true, force: true });
    renameSync(partial, folder);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}
