/** One program for each user data folder; a second one hands over its arguments, through files in that folder. */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, watch, writeFileSync } from 'node:fs';
import path from 'node:path';

const LOCK = 'stand-in-lock';
const HANDED = /^stand-in-handed-(\d+)\.json$/;

/** True for the first; `onSecond` then hears each later one's arguments and working directory. */
export function takeInstanceLock(
  folder: string,
  argv: readonly string[],
  onSecond: (argv: readonly string[], workingDirectory: string) => void,
): boolean {
  mkdirSync(folder, { recursive: true });
  const lock = path.join(folder, LOCK);
  if (isTaken(lock)) {
    const file = path.join(folder, `stand-in-handed-${process.pid}.json`);
    writeFileSync(`${file}.partial`, JSON.stringify({ argv, workingDirectory: process.cwd() }));
    renameSync(`${file}.partial`, file);
    return false;
  }
  writeFileSync(lock, String(process.pid));
  watch(folder, () => {
    for (const name of readdirSync(folder)) {
      if (!HANDED.test(name)) continue;
      const file = path.join(folder, name);
      const handed = JSON.parse(readFileSync(file, 'utf8')) as { argv: string[]; workingDirectory: string };
      rmSync(file);
      onSecond(handed.argv, handed.workingDirectory);
    }
  }).unref();
  return true;
}

function isTaken(lock: string): boolean {
  try {
    const holder = Number(readFileSync(lock, 'utf8'));
    process.kill(holder, 0);
    // This process's own id in a lock it did not write: of one that is gone.
    return holder !== process.pid;
  } catch {
    return false;
  }
}
