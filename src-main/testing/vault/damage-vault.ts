import { createHash } from 'node:crypto';
import { createModelDisk } from './model-disk.ts';
import { keyOf, keysAfter, notesAfter, notesIn, takeStep, vaultOn } from './save-steps.ts';

export interface DamageOptions {
  readonly count: number;
  readonly seed: string;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** Hears of each damage that was not found, or that gave something away. */
  readonly broken: (sentence: string) => void;
}

export interface DamageFigures {
  readonly damages: number;
  /** Not found, or something came out that is not the whole of a save. */
  readonly wrong: number;
}

type Kind = 'flip' | 'cut' | 'zeros' | 'insert' | 'mix';
const KINDS: readonly Kind[] = ['flip', 'flip', 'flip', 'cut', 'zeros', 'insert', 'mix'];
/** Whose last save is an ordinary one, with a save before it. */
const STEP = 17;

/**
 * Damages a vault's file in random places. Alone it must be found damaged, with the save before it beside it that one must open, with
 * all it has. A third of the damages comes from somebody who knows the format and makes the checksum fit: then nothing at all may come
 * out, or everything, as where a flip changes no value.
 */
export async function damageVault({ count, seed, random, broken }: DamageOptions): Promise<DamageFigures> {
  const disk = createModelDisk();
  const made = vaultOn(disk);
  for (let step = 0; step <= STEP; step += 1) await takeStep(made, seed, step);
  const [whole = '', previous = ''] = [disk.read('vault'), disk.read('vault.previous')];
  const key = keyOf(seed, keysAfter(STEP));
  const body = whole.split('\n')[1] ?? '';
  let [damages, wrong] = [0, 0];
  const below = (limit: number): number => Math.floor(random() * limit);

  for (let damage = 0; damages < count; damage += 1) {
    const kind = KINDS[below(KINDS.length)] ?? 'flip';
    const knows = damage % 3 === 2;
    const damaged = knows ? withChecksum(damageText(body, kind, below)) : damageText(whole, kind, below);
    if (damaged === whole) continue;
    damages += 1;
    const fail = (what: string): void => {
      wrong += 1;
      broken(`${kind}${knows ? ' with a checksum that fits' : ''}, damage ${damage}: ${what}`);
    };
    const alone = openWith({ vault: damaged }, key);
    if (!knows && alone.state !== 'damaged') fail(`it was taken for ${alone.state}`);
    if (alone.notes !== null && JSON.stringify(alone.notes) !== JSON.stringify(notesAfter(STEP))) {
      fail('a part of it came out');
    }
    const beside = openWith({ vault: damaged, 'vault.previous': previous }, key);
    if (!knows && (!beside.older || JSON.stringify(beside.notes) !== JSON.stringify(notesAfter(STEP - 1)))) {
      fail('the save before it did not open');
    }
  }
  return { damages, wrong };
}

function openWith(
  files: Record<string, string>,
  key: Buffer,
): { state: string; older: boolean; notes: string[] | null } {
  const vault = vaultOn(createModelDisk(files));
  const { state, older } = vault.outside();
  try {
    return { state, older, notes: vault.unlockByKey(key) ? notesIn(vault) : null };
  } catch {
    return { state, older, notes: null };
  }
}

/** The bytes as a program reads them: what is no UTF-8 becomes replacement characters. */
function damageText(text: string, kind: Kind, below: (limit: number) => number): string {
  const bytes = Buffer.from(text);
  const at = below(bytes.length);
  if (kind === 'cut') return bytes.subarray(0, at).toString('utf8');
  if (kind === 'insert') {
    return Buffer.concat([bytes.subarray(0, at), Buffer.from([below(256)]), bytes.subarray(at)]).toString('utf8');
  }
  if (kind === 'zeros') bytes.fill(0, at, Math.min(bytes.length, at + 1 + below(512)));
  const flips = kind === 'flip' ? 1 : kind === 'mix' ? 1 + below(64) : 0;
  for (let flip = 0; flip < flips; flip += 1) {
    const where = flip === 0 ? at : below(bytes.length);
    bytes[where] = (bytes[where] ?? 0) ^ (1 + below(255));
  }
  return bytes.toString('utf8');
}

function withChecksum(body: string): string {
  return `tenantdesk-vault 1 ${createHash('sha256').update(body).digest('hex')}\n${body}\n`;
}
