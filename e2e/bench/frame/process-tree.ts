import { readdirSync, readFileSync } from 'node:fs';

export interface RunningProcess {
  readonly pid: number;
  /** The command with its arguments, blanks between. */
  readonly command: string;
}

/** A process's descendants, from /proc. Linux only. */
export function descendants(root: number): RunningProcess[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = readOrNothing(`/proc/${name}/stat`);
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    parents.set(Number(name), parent);
  }
  const found: RunningProcess[] = [];
  const from = [root];
  for (let parent = from.pop(); parent !== undefined; parent = from.pop()) {
    for (const [pid, its] of parents) {
      if (its !== parent) continue;
      from.push(pid);
      found.push({ pid, command: readOrNothing(`/proc/${pid}/cmdline`).replaceAll('\0', ' ') });
    }
  }
  return found;
}

/** Empty when the process has just ended. */
function readOrNothing(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
