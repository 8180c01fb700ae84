/**
 * A disk in memory that can lose its power. What is written is at first only seen by the program; `sync` keeps a file's content,
 * `syncFolder` the names. When the power goes, of what was not kept anything may be there: of a content nothing, a part or all, of the
 * names each change or not.
 */
import type { VaultDisk } from '../../infra/vault/vault-disk.ts';

interface Inode {
  content: string;
  kept: string;
}
type Change =
  | { readonly kind: 'put'; readonly name: string; readonly inode: Inode }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }
  | { readonly kind: 'remove'; readonly name: string };

/** What fails at a step: the program is ended there, or the disk says no and the program goes on. */
export type Fault = { readonly at: number; readonly by: 'end' | 'error' };

/** The program was ended by the test. */
export class Ended extends Error {
  override readonly name = 'Ended';
}

export interface ModelDisk extends VaultDisk {
  /** How many steps were done. */
  readonly steps: number;
  failAt(fault: Fault | undefined): void;
  /** Every disk that a program may find after the power went now. */
  afterPowerLoss(): ModelDisk[];
}

export function createModelDisk(files: Readonly<Record<string, string>> = {}): ModelDisk {
  const seen = new Map<string, Inode>();
  for (const [name, content] of Object.entries(files)) seen.set(name, { content, kept: content });
  let names = new Map(seen);
  let pending: Change[] = [];
  let steps = 0;
  let fault: Fault | undefined;

  /** Throws before the step, or, when it writes, in its middle. */
  function step(half: () => void = () => undefined): void {
    steps += 1;
    if (steps - 1 !== fault?.at) return;
    half();
    if (fault.by === 'end') throw new Ended('The program ended here.');
    throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
  }
  function inode(name: string): Inode {
    const found = seen.get(name);
    if (!found) throw Object.assign(new Error(`ENOENT: ${name}`), { code: 'ENOENT' });
    return found;
  }
  function change(made: Change): void {
    apply(seen, made);
    pending.push(made);
  }

  return {
    get steps() {
      return steps;
    },
    failAt(next) {
      fault = next && { ...next, at: steps + next.at };
    },
    makeFolder: () => undefined,
    removeLeftovers: () => undefined,
    read: (name) => seen.get(name)?.content,
    write(name, text) {
      const write = (content: string): void => change({ kind: 'put', name, inode: { content, kept: '' } });
      step(() => write(text.slice(0, text.length / 2)));
      write(text);
    },
    sync(name) {
      step();
      inode(name).kept = inode(name).content;
    },
    rename(from, to) {
      step();
      inode(from);
      change({ kind: 'rename', from, to });
    },
    syncFolder() {
      step();
      names = new Map(seen);
      pending = [];
    },
    remove(name) {
      // Whoever is ended does not clear up either.
      if (fault?.by === 'end' && steps > fault.at) return;
      if (seen.has(name)) change({ kind: 'remove', name });
    },
    moveFolder: (ending) => ending,
    afterPowerLoss: () =>
      subsets(pending).flatMap((changes) => {
        const left = new Map(names);
        for (const one of changes) apply(left, one);
        return contents([...left]).map((found) => createModelDisk(Object.fromEntries(found)));
      }),
  };
}

function apply(names: Map<string, Inode>, change: Change): void {
  if (change.kind === 'put') names.set(change.name, change.inode);
  else if (change.kind === 'remove') names.delete(change.name);
  else {
    const moved = names.get(change.from);
    if (!moved) return;
    names.delete(change.from);
    names.set(change.to, moved);
  }
}

function subsets<T>(of: readonly T[]): T[][] {
  return of.reduce<T[][]>((all, one) => all.flatMap((some) => [some, [...some, one]]), [[]]);
}

/** Each file with each content that it may have. */
function contents(files: readonly (readonly [string, Inode])[]): [string, string][][] {
  return files.reduce<[string, string][][]>(
    (all, [name, { content, kept }]) => {
      const may = content === kept ? [content] : [kept, content.slice(0, content.length / 2), content];
      return all.flatMap((some) => may.map((text) => some.concat([[name, text]])));
    },
    [[]],
  );
}
