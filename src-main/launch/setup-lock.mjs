/**
 * One setup at a time in one folder. The lock is a file beside node_modules with a line for each process that works under
 * it: process id and start time. It is free when all of them have ended: npm goes on for a while when its parent is
 * killed. A zombie counts as ended (`kill(pid, 0)` takes it for alive), and so does an id given to another process since.
 */
import { closeSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';

const LOCK = '.setup.lock';
const POLL_MS = 200;
/** A lock file without contents is being written, or its writer was killed in between. */
const EMPTY_IS_DEAD_AFTER_MS = 3000;

/**
 * Runs the work while holding the lock; waits for another holder, with a word about it.
 * @param {{ projectFolder: string, say: (line: string) => void }} options
 * @param {(alsoHeldBy: (pid: number) => void) => Promise<void>} work gets a function that names a process which must have
 *   ended, too, before anybody else may take the lock
 */
export async function withSetupLock({ projectFolder, say }, work) {
  const file = path.join(projectFolder, LOCK);
  const mine = holderLine(process.pid);
  let told = false;
  while (!take(file, mine)) {
    const holder = readHolder(file);
    if (holder === undefined || (holder.dead && removeStale(file, holder.text))) continue;
    if (!told) say(`TenantDesk: another start is installing here (process ${holder.pid}); waiting for it …`);
    told = true;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  try {
    await work((pid) => writeFileSync(file, mine + holderLine(pid)));
  } finally {
    rmSync(file, { force: true });
  }
}

function holderLine(pid) {
  return `${pid} ${startTimeOf(pid) ?? ''}\n`;
}

function take(file, mine) {
  try {
    const descriptor = openSync(file, 'wx', 0o644);
    writeSync(descriptor, mine);
    closeSync(descriptor);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Who holds the lock; undefined when it was given back meanwhile. */
function readHolder(file) {
  try {
    const text = readFileSync(file, 'utf8');
    if (text === '') return { text, pid: '?', dead: Date.now() - statSync(file).mtimeMs > EMPTY_IS_DEAD_AFTER_MS };
    const holders = text
      .trim()
      .split('\n')
      .map((line) => line.split(' '));
    const alive = holders.find(([pid, startTime]) => isAlive(Number(pid), startTime));
    return { text, pid: alive?.[0], dead: alive === undefined };
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Takes a dead holder's lock away. Renamed first: of several that do so at once only one may succeed. */
function removeStale(file, expected) {
  const aside = `${file}.stale-${process.pid}`;
  try {
    renameSync(file, aside);
  } catch {
    return true;
  }
  const found = readFileSync(aside, 'utf8');
  if (found === expected) rmSync(aside, { force: true });
  else renameSync(aside, file);
  return true;
}

function isAlive(pid, startTime) {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error.code === 'ESRCH') return false;
  }
  if (process.platform !== 'linux') return true;
  const now = startTimeOf(pid);
  return now !== undefined && (startTime === '' || startTime === undefined || now === startTime);
}

/** Start time of a running process in clock ticks; undefined when it is gone or a zombie (or this is not Linux). */
function startTimeOf(pid) {
  try {
    // The name in parentheses may hold spaces: count from the last ')'. Fields from there: state is 0, start time 19.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
