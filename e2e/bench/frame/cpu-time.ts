import { readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100;

/** Microseconds of processor time that a process has used since it began, all its threads together. Linux only. */
export function cpuMicros(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name, in brackets, may hold blanks; fields are counted behind it: utime and stime are the 14th and 15th of all.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1_000_000) / TICKS_PER_SECOND;
}

/** Resident memory of a process in bytes, shared pages counted by their share (PSS) where the kernel tells. */
export function memoryBytes(pid: number): number {
  let kilobytes: string | undefined;
  try {
    kilobytes = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1];
  } catch {
    // Not ours to read in detail.
  }
  kilobytes ??= /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes ?? Number.NaN) * 1024;
}
