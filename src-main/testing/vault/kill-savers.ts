import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { createModelDisk } from './model-disk.ts';
import { keyOf, keysAfter, SECRET, stepOf, vaultIn, vaultOn } from './save-steps.ts';

export interface KillOptions {
  readonly rounds: number;
  /** The vault's own; need not be there. */
  readonly folder: string;
  readonly seed: string;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** Hears of each round that did not end as it must. */
  readonly broken: (sentence: string) => void;
  readonly signal?: AbortSignal;
}

export interface KillFigures {
  readonly kills: number;
  /** Saves that were told as done. */
  readonly saves: number;
  /** Kills that came before the save under way was told, and it was there. */
  readonly untold: number;
  /** Files that kills left half written, all of them gone after the next save. */
  readonly leftovers: number;
  readonly wrong: number;
}

/** So many saves are told before a kill, at most; but the first time, which may meet the making of the vault. */
const MOST_TOLD = 6;
/** Then as long as a save or two take. */
const LONGEST_MS = 25;
const SAVER = path.join(import.meta.dirname, 'vault-saver.ts');
const FORMS = [SECRET, Buffer.from(SECRET).toString('base64').slice(0, 24), Buffer.from(SECRET).toString('hex')];

/** Kills a process that saves, again and again, at random moments: what it had told must be there, and nothing but it or the next save. */
export async function killSavers({ rounds, folder, seed, random, broken, signal }: KillOptions): Promise<KillFigures> {
  let next = 0;
  const figures = { kills: 0, saves: 0, untold: 0, leftovers: 0, wrong: 0 };
  const fail = (sentence: string): void => {
    figures.wrong += 1;
    broken(sentence);
  };
  for (let round = 1; round <= rounds; round += 1) {
    signal?.throwIfAborted();
    const told = await saveUntilKilled(folder, seed, next, {
      saves: next === 0 ? 0 : 1 + Math.floor(random() * MOST_TOLD),
      thenMs: random() * LONGEST_MS,
    });
    figures.kills += 1;
    figures.saves += told - next + 1;
    const files = filesIn(folder);
    if (files.filter(({ name }) => name.startsWith('vault.partial')).length > 1) {
      fail(`round ${round}: a half file outlived a save`);
    }
    for (const { name, text } of files) {
      if (name.startsWith('vault.partial')) figures.leftovers += 1;
      if (FORMS.some((form) => text.includes(form))) fail(`round ${round}: a secret stands in ${name}`);
    }
    // Killed before it made the vault.
    if (told < 0 && vaultIn(folder).outside().state === 'none') continue;
    const vault = vaultIn(folder);
    if (vault.outside().older) fail(`round ${round}: the file itself could not be read`);
    const found = stepOf(
      vault,
      seed,
      [told, told + 1].filter((step) => step >= 0),
    );
    if (found === undefined) {
      fail(`round ${round}: after step ${told} was told, neither it nor the one after it is there`);
      break;
    }
    if (found > told) figures.untold += 1;
    const old = keysAfter(Math.max(0, keysAfter(found) - 1));
    if (old !== keysAfter(found) && opensPrevious(folder, keyOf(seed, old))) {
      fail(`round ${round}: keys that were changed open the save before`);
    }
    next = found + 1;
  }
  return figures;
}

/** @returns the last step that was told; the one before `from` when it was killed before any. */
async function saveUntilKilled(
  folder: string,
  seed: string,
  from: number,
  until: { readonly saves: number; readonly thenMs: number },
): Promise<number> {
  const child = spawn(process.execPath, [SAVER, folder, seed, String(from)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  let told = from - 1;
  const lines = createInterface({ input: child.stdout });
  const ready = Promise.withResolvers<void>();
  lines.on('line', (line) => {
    told = Number(line);
    if (told >= from - 1 + until.saves) ready.resolve();
  });
  void closed.then(() => ready.resolve());
  await ready.promise;
  await pause(until.thenMs);
  child.kill('SIGKILL');
  await closed;
  if (child.signalCode === null) throw new Error(`The process that saves ended by itself after step ${told}.`);
  return told;
}

/** Whether the generation before opens with a key. */
function opensPrevious(folder: string, key: Buffer): boolean {
  const previous = filesIn(folder).find(({ name }) => name === 'vault.previous');
  return previous !== undefined && vaultOn(createModelDisk({ vault: previous.text })).unlockByKey(key);
}

function filesIn(folder: string): { name: string; text: string }[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).map((name) => ({ name, text: readFileSync(path.join(folder, name), 'utf8') }));
}
