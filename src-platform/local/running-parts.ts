/**
 * Remembers which processes run on a data folder. After a kill -9 of the platform its parts are told to end by the kernel, which
 * takes a moment; the next start must not begin on files that the last one's PostgreSQL or gateway still writes.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { writeAtomically } from './credentials-file.ts';
import { identifyProcess, isRunning, type ProcessIdentity } from './process-identity.ts';

const partsSchema = z.array(z.object({ name: z.string(), pid: z.number().int(), startedAt: z.string().optional() }));

export interface RunningParts {
  /** Notes a part that has just started, or started again. */
  note(name: string, pid: number): void;
}

const PATIENCE_MS = 15_000;
const LOOK_EVERY_MS = 25;

/** Waits until the parts of the last start have ended, then begins a new list. */
export async function awaitEarlierParts(folder: string, say: (sentence: string) => void): Promise<RunningParts> {
  const file = path.join(folder, 'parts.json');
  const running = (): z.infer<typeof partsSchema> =>
    readParts(file).filter((part) => isRunning({ startedAt: undefined, ...part }));
  const deadline = performance.now() + PATIENCE_MS;
  let told = false;
  for (let left = running(); left.length > 0; left = running()) {
    const names = left.map(({ name, pid }) => `${name} (process ${pid})`).join(', ');
    if (performance.now() > deadline) {
      throw new Error(`Parts of an earlier start still run on ${folder}: ${names}. End them, then start again.`);
    }
    if (!told) say(`Waiting for the last start's ${names} to end…`);
    told = true;
    await pause(LOOK_EVERY_MS);
  }
  const parts = new Map<string, ProcessIdentity>();
  return {
    note: (name, pid) => {
      const { startedAt } = identifyProcess(pid);
      parts.set(name, { pid, startedAt });
      const list = [...parts].map(([name, { pid, startedAt }]) => ({ name, pid, startedAt }));
      writeAtomically(file, JSON.stringify(list));
    },
  };
}

function readParts(file: string): z.infer<typeof partsSchema> {
  try {
    return partsSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return [];
  }
}
