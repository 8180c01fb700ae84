/**
 * One owner at a time, by a file that names the owner's process.
 *
 * Taking: the complete file is written beside and hard-linked into place, so it appears whole or not at all and only one
 * of two starters wins. An owner that no longer runs (kill -9) is recognised by its pid *and* start time, since pids are used
 * again; a zombie counts as gone. A left-over file is moved away by rename, which only one of two starters can do.
 */
import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { identifyProcess, isRunning, type ProcessIdentity } from './process-identity.ts';

export type FolderLock =
  { readonly taken: true; release(): void } | { readonly taken: false; readonly ownerPid: number };

const MOST_ATTEMPTS = 5;

/** Takes the lock file or says which process has it. Never waits. */
export function takeFolderLock(lockFile: string): FolderLock {
  const own = `${lockFile}.${randomUUID()}`;
  const mine = identifyProcess(process.pid);
  writeFileSync(own, JSON.stringify(mine), { mode: 0o600 });
  try {
    for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
      if (tryLink(own, lockFile)) return { taken: true, release: () => release(lockFile, mine) };
      const owner = readOwner(lockFile);
      if (owner === 'gone') continue;
      if (owner !== 'unreadable' && isRunning(owner)) return { taken: false, ownerPid: owner.pid };
      moveAway(lockFile);
    }
    throw new Error(`Could not take the lock ${lockFile}: others take it in turn.`);
  } finally {
    rmSync(own, { force: true });
  }
}

function tryLink(own: string, lockFile: string): boolean {
  try {
    linkSync(own, lockFile);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** Moves a left-over lock away; if a living owner took it in between, it is put back. */
function moveAway(lockFile: string): void {
  const aside = `${lockFile}.${randomUUID()}`;
  try {
    renameSync(lockFile, aside);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    throw error;
  }
  const owner = readOwner(aside);
  if (typeof owner === 'object' && isRunning(owner)) tryLink(aside, lockFile);
  rmSync(aside, { force: true });
}

function release(lockFile: string, mine: ProcessIdentity): void {
  const owner = readOwner(lockFile);
  if (typeof owner === 'object' && owner.pid === mine.pid) rmSync(lockFile, { force: true });
}

function readOwner(file: string): ProcessIdentity | 'gone' | 'unreadable' {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return 'gone';
  }
  try {
    const owner: unknown = JSON.parse(text);
    if (typeof owner === 'object' && owner !== null && 'pid' in owner && typeof owner.pid === 'number') {
      const startedAt = 'startedAt' in owner && typeof owner.startedAt === 'string' ? owner.startedAt : undefined;
      return { pid: owner.pid, startedAt };
    }
  } catch {
    // Fall through: damaged by a full disk or by hand.
  }
  return 'unreadable';
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
