/** The world ends at every step of every kind of save: the old vault or the new one opens, whatever of the disk was kept. */
import { expect, it } from 'vitest';
import { createModelDisk, Ended, type ModelDisk } from './model-disk.ts';
import { SECRET, notesAfter, notesIn, keyOf, keysAfter, stepOf, takeStep, vaultOn } from './save-steps.ts';

const SEED = 'power';

async function after(step: number): Promise<Record<string, string>> {
  const disk = createModelDisk();
  const vault = vaultOn(disk);
  for (let at = 0; at <= step; at += 1) await takeStep(vault, SEED, at);
  return filesOf(disk);
}
function filesOf(disk: ModelDisk): Record<string, string> {
  return Object.fromEntries(
    ['vault', 'vault.previous'].flatMap((name) => {
      const text = disk.read(name);
      return text === undefined ? [] : [[name, text]];
    }),
  );
}
async function opened(
  files: Record<string, string>,
  step: number,
): Promise<{ disk: ModelDisk; vault: ReturnType<typeof vaultOn> }> {
  const disk = createModelDisk(files);
  const vault = vaultOn(disk);
  expect(stepOf(vault, SEED, [step])).toBe(step);
  return { disk, vault };
}
/** How many steps a save takes. */
async function lengthOf(files: Record<string, string>, step: number): Promise<number> {
  const { disk, vault } = await opened(files, step - 1);
  const before = disk.steps;
  await takeStep(vault, SEED, step);
  return disk.steps - before;
}

// Each kind of save, and the first one, which has nothing before it.
const KINDS: [string, number][] = [
  ['a first note', 1],
  ['a second note', 2],
  ['a note forgotten', 3],
  ['a change of keys', 6],
  ['a save after a change of keys', 7],
];

it.each(KINDS)('%s: the power goes at any step', async (_what, step) => {
  const files = await after(step - 1);
  const length = await lengthOf(files, step);
  expect(length).toBeGreaterThan(6);
  let worlds = 0;
  for (let at = 0; at <= length; at += 1) {
    const { disk, vault } = await opened(files, step - 1);
    disk.failAt({ at, by: 'end' });
    const ended = await takeStep(vault, SEED, step).then(
      () => false,
      (error: unknown) => {
        expect(error).toBeInstanceOf(Ended);
        return true;
      },
    );
    expect(ended).toBe(at < length);
    // The program was ended: all that it wrote is there. The power went: any of it is.
    for (const found of [createModelDisk(filesOf(disk)), ...disk.afterPowerLoss()]) {
      worlds += 1;
      const again = vaultOn(found);
      expect(again.outside()).toMatchObject({ state: 'locked', older: false });
      expect(stepOf(again, SEED, ended ? [step - 1, step] : [step])).toBeDefined();
      expect(JSON.stringify(filesOf(found))).not.toContain(SECRET);
      // It goes on from there.
      const now = stepOf(again, SEED, [step - 1, step])!;
      await takeStep(again, SEED, now + 1);
      expect(notesIn(again)).toEqual(notesAfter(now + 1));
    }
  }
  expect(worlds).toBeGreaterThan(length);
});

it('a vault that is being made is there whole, or not at all', async () => {
  for (let at = 0; at < 5; at += 1) {
    const disk = createModelDisk();
    disk.failAt({ at, by: 'end' });
    await takeStep(vaultOn(disk), SEED, 0).catch(() => undefined);
    for (const found of disk.afterPowerLoss()) {
      const vault = vaultOn(found);
      if (vault.outside().state === 'none') continue;
      expect(stepOf(vault, SEED, [0])).toBe(0);
    }
  }
});

it.each(KINDS)(
  '%s: a disk that is full at any step is told, and the vault in memory is the one on the disk',
  async (_what, step) => {
    const files = await after(step - 1);
    const length = await lengthOf(files, step);
    for (let at = 0; at < length; at += 1) {
      const { disk, vault } = await opened(files, step - 1);
      disk.failAt({ at, by: 'error' });
      await expect(takeStep(vault, SEED, step)).rejects.toThrow(/could not be saved: the disk is full/);
      expect(disk.read(`vault.partial-${process.pid}`)).toBeUndefined();
      const shown = notesIn(vault);
      const now = stepOf(vaultOn(createModelDisk(filesOf(disk))), SEED, [step - 1, step])!;
      expect(shown).toEqual(notesAfter(now));
      // There is room again, and the vault is still open under the keys that are in the file.
      await takeStep(vault, SEED, now + 1);
      expect(stepOf(vaultOn(createModelDisk(filesOf(disk))), SEED, [now + 1])).toBe(now + 1);
    }
  },
);

it('keys that were changed open nothing any more, also when the change was ended in its middle', async () => {
  const files = await after(5);
  const length = await lengthOf(files, 6);
  for (let at = 0; at <= length; at += 1) {
    const { disk, vault } = await opened(files, 5);
    disk.failAt({ at, by: 'end' });
    await takeStep(vault, SEED, 6).catch(() => undefined);
    const found = createModelDisk(filesOf(disk));
    const again = vaultOn(found);
    if (!again.unlockByKey(keyOf(SEED, keysAfter(6)))) continue;
    // The save before it is alone on the disk now.
    const before = vaultOn(createModelDisk({ vault: found.read('vault.previous')! }));
    expect(before.unlockByKey(keyOf(SEED, keysAfter(5)))).toBe(false);
    expect(before.unlockByKey(keyOf(SEED, keysAfter(6)))).toBe(true);
  }
});
