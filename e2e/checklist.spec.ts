/** Electron's security list: each guard is undone in the built bundle, and the stand-in has to find it. */
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test as base } from '@playwright/test';
import { buildElectron } from '../src-main/launch/build-page.ts';
import { ownName, removeLeftovers } from '../src-platform/process/leftovers.ts';
import { UNDOINGS, type Undoing } from './fixtures/undoings.ts';

const projectFolder = path.resolve(import.meta.dirname, '..');
const standIn = path.join(projectFolder, 'e2e/electron-stand-in/electron');
const electronOnly = { tag: '@electron' };
/** Those that a built bundle can show; the others are in the table of README.md. */
const ITEMS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17, 18, 20];
/** Of copies of the bundle, below the project, where they find its packages. */
const COPIES = 'undone-';
/** The shell itself is what is tried: its platform is one that is away. */
const PLATFORM = {
  ready: true,
  gateway: 'http://127.0.0.1:9',
  operators: [
    { login: 'nobody', role: 'td_operator', postgres: 'postgres://nobody:x@127.0.0.1:9/x', gatewayToken: 'x' },
  ],
};

interface Program {
  /** Resolves when it has said that, or has ended. */
  until(words: RegExp): Promise<void>;
  words(): string;
  end(): Promise<void>;
}

/** Runs a built bundle on the stand-in, with everybody who must get nothing trying its channels first. */
function start(bundle: string, home: string): Program {
  const facts = path.join(home, 'platform.json');
  writeFileSync(facts, JSON.stringify({ ...PLATFORM, data: home }), { mode: 0o600 });
  const args = [path.join(bundle, 'main/index.js'), `--user-data-dir=${path.join(home, 'user-data')}`];
  const program = spawn(standIn, [...args, '--', '--join', facts], {
    env: { ...process.env, HOME: home, TENANTDESK_PROJECT: projectFolder, STAND_IN_STRANGERS: '1' },
  });
  let words = '';
  let hear = (): void => undefined;
  program.stderr.on('data', (data) => {
    words += String(data);
    hear();
  });
  const closed = new Promise<void>((resolve) => program.on('close', () => resolve()));
  return {
    words: () => words,
    until: (wanted) => {
      const said = new Promise<void>((resolve) => {
        hear = () => {
          if (wanted.test(words)) resolve();
        };
        hear();
      });
      return Promise.race([said, closed]);
    },
    async end() {
      program.kill('SIGTERM');
      await closed;
    },
  };
}

/** Starts the bundle as it was built, or with one thing undone. */
const test = base.extend<{ run: (undoing?: Undoing) => Program }, { built: string }>({
  built: [
    async ({}, provide) => {
      await provide(await buildElectron({ projectFolder, say: () => undefined }));
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  run: async ({ built }, provide) => {
    const out = path.join(projectFolder, 'out');
    removeLeftovers(out, COPIES);
    const copies = mkdtempSync(path.join(out, ownName(COPIES)));
    const programs: Program[] = [];
    await provide((undoing) => {
      const folder = path.join(copies, String(programs.length));
      for (const part of ['main', 'preload']) {
        cpSync(path.join(built, part), path.join(folder, part), { recursive: true });
      }
      symlinkSync(path.join(built, 'renderer'), path.join(folder, 'renderer'));
      if (undoing) undo(path.join(folder, undoing.file), undoing);
      const home = path.join(folder, 'home');
      mkdirSync(home);
      const program = start(folder, home);
      programs.push(program);
      return program;
    });
    for (const program of programs) await program.end();
    rmSync(copies, { recursive: true, force: true });
  },
});

function undo(file: string, { find, put }: Undoing): void {
  const text = readFileSync(file, 'utf8');
  expect([...text.matchAll(new RegExp(find, 'g'))], `${String(find)} stands once in the bundle`).toHaveLength(1);
  writeFileSync(
    file,
    text.replace(find, () => put),
  );
}

test('nothing is found where nothing was undone, and strangers get no port', electronOnly, async ({ run }) => {
  const program = run();
  await program.until(/(Something other than the page[^]*){10}DevTools listening/);
  expect(program.words()).not.toContain('Electron stand-in');
});

for (const item of ITEMS) {
  test(`item ${item} is found undone`, electronOnly, async ({ run }) => {
    const undoings = UNDOINGS.filter((undoing) => undoing.item === item);
    expect(undoings).not.toEqual([]);
    const found = undoings.map(async (undoing) => {
      const program = run(undoing);
      await program.until(undoing.said);
      expect(program.words(), undoing.what).toMatch(undoing.said);
    });
    await Promise.all(found);
  });
}
