import { readFileSync } from 'node:fs';

/** A process, told apart from a later one with the same pid. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Kernel's start time (clock ticks since boot, with the boot's id) where it can be read; else only the pid counts. */
  readonly startedAt: string | undefined;
}

export function identifyProcess(pid: number): ProcessIdentity {
  return { pid, startedAt: readStat(pid)?.startedAt };
}

/** True while this very process runs. A zombie has ended: only its parent has not noticed yet. */
export function isRunning(identity: ProcessIdentity): boolean {
  if (process.platform === 'linux') {
    const stat = readStat(identity.pid);
    if (!stat || stat.state === 'Z' || stat.state === 'X') return false;
    return identity.startedAt === undefined || stat.startedAt === identity.startedAt;
  }
  try {
    process.kill(identity.pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** `/proc/<pid>/stat`: the name in brackets may hold spaces and brackets, so count from the last one. */
function readStat(pid: number): { state: string; startedAt: string } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return { state: fields[0] ?? '', startedAt: `${boot}:${fields[19] ?? ''}` };
  } catch {
    return undefined;
  }
}
