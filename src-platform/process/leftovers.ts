import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';

/**
 * Temporary folders carry the id of the process that made them, so that what a killed one left can be told from what a
 * living one uses.
 */
export function ownName(prefix: string): string {
  return `${prefix}${process.pid}-`;
}

/** Removes entries `<prefix><process id>-…` of a folder whose process is gone. Never throws. */
export function removeLeftovers(folder: string, prefix: string): void {
  try {
    for (const name of readdirSync(folder)) {
      const pid = name.startsWith(prefix) ? /^(\d+)-/.exec(name.slice(prefix.length))?.[1] : undefined;
      if (pid !== undefined && isGone(Number(pid))) rmSync(path.join(folder, name), { recursive: true, force: true });
    }
  } catch {
    // Somebody else's entry, or one that another process is removing now: the next start looks again.
  }
}

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}
