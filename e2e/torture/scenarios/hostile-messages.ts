import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import v8 from 'node:v8';
import vm from 'node:vm';
import { makeCap, makeOperator, makeTenant } from '../../../src-platform/testing/factories.ts';
import type { TestDatabase } from '../../../src-platform/testing/test-database.ts';
import { openTestConsole, type TestConsole } from '../../../src-main/testing/test-console.ts';
import { browserShell, electronShell, type HostileShell } from '../hostile/hostile-lines.ts';
import { frameAttacks } from '../hostile/frame-attacks.ts';
import { sendHostile } from '../hostile/send-hostile.ts';
import { none, type DatabaseScene, type Figures } from '../scene.ts';

const MEMORY_GOAL_MIB = 48;

/** Messages that no window of ours sends, over both shells' lines: nothing falls over, nothing is changed, the console answers afterwards. */
export async function hostileMessages(scene: DatabaseScene): Promise<Figures> {
  const { db, scale, random, say, signal } = scene;
  const tenant = await makeTenant(db);
  await makeCap(db, tenant.id, { limitNanoUsd: 25_000_000_000n });
  const admin = await makeOperator(db, { role: 'admin' });
  const made = await openTestConsole({ ...admin, gatewayUrl: 'http://127.0.0.1:9' });
  const figures: Figures = {};
  try {
    // There is one, open: more calls are of use then.
    await made.client.vault.setUp({ passphrase: null, keychain: true });
    for (const open of [browserShell, electronShell]) {
      const shell = await open(made.console.router);
      let wrong = 0;
      const broken = (sentence: string): void => {
        wrong += 1;
        scene.broken(sentence);
      };
      const work = { shell, messages: scale.hostileMessages, random, broken, goOn: () => signal.throwIfAborted() };
      // What is made once is made before the first look.
      await sendHostile({ ...work, messages: Math.min(300, scale.hostileMessages) });
      const before = { state: await stateOf(db), files: filesOf(made.folder), heap: heapMiB() };
      made.log.lines.length = 0;
      const startedAt = performance.now();
      const { sent, kinds, hungUp } = await sendHostile(work);
      const attacks = await frameAttacks({ shell, rounds: scale.frameAttacks, random, broken });
      const seconds = (performance.now() - startedAt) / 1000;
      say(`${shell.name}: ${JSON.stringify(kinds)}, ${hungUp} lines hung up, ${attacks} frames and floods`);
      await stillAnswers(made, shell, broken);
      const changed = await changes(db, made, before);
      for (const name of changed) broken(`${shell.name}: ${name} was changed`);
      const grownMiB = heapMiB() - before.heap;
      const conditions = `${sent + attacks} messages`;
      figures[`hostile-${shell.name}`] = none(
        wrong,
        'messages that got through, felled or changed something',
        conditions,
      );
      figures[`hostile-${shell.name}-memory`] = {
        value: Math.round(grownMiB),
        unit: 'MiB more after them',
        goal: `≤ ${MEMORY_GOAL_MIB}`,
        met: grownMiB <= MEMORY_GOAL_MIB,
      };
      figures[`hostile-${shell.name}-rate`] = { value: Math.round((sent + attacks) / seconds), unit: 'messages/s' };
      await shell.close();
    }
  } finally {
    await made.console.close();
  }
  return figures;
}

/** Each table of the platform → its rows' fingerprint. */
async function stateOf(db: TestDatabase): Promise<ReadonlyMap<string, string>> {
  const superuser = db.connect(db.superuserUrl);
  const { rows: tables } = await superuser.query<{ name: string }>(
    `select relname as name from pg_class join pg_namespace n on n.oid = relnamespace
      where nspname = 'platform' and relkind = 'r' order by 1`,
  );
  const prints = new Map<string, string>();
  for (const { name } of tables) {
    const { rows } = await superuser.query<{ print: string }>(
      `select count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' order by t::text)), '') as print from platform."${name}" t`,
    );
    prints.set(`table ${name}`, rows[0]?.print ?? '');
  }
  return prints;
}

/** Each file that the console keeps → its fingerprint; the cache is written whenever something was read. */
function filesOf(folder: string): ReadonlyMap<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('cache-'))
    .map((entry) => path.join(entry.parentPath, entry.name));
  return new Map(
    files.map((file) => [
      `file ${path.relative(folder, file)}`,
      createHash('sha256').update(readFileSync(file)).digest('hex'),
    ]),
  );
}

interface Before {
  readonly state: ReadonlyMap<string, string>;
  readonly files: ReadonlyMap<string, string>;
}

async function changes(db: TestDatabase, made: TestConsole, before: Before): Promise<string[]> {
  const was = new Map([...before.state, ...before.files]);
  const is = new Map([...(await stateOf(db)), ...filesOf(made.folder)]);
  const names = new Set([...was.keys(), ...is.keys()]);
  return [...names].filter((name) => was.get(name) !== is.get(name));
}

async function stillAnswers(made: TestConsole, shell: HostileShell, broken: (sentence: string) => void): Promise<void> {
  const { level, message } = made.log.lines.find((line) => line.level === 'error') ?? {};
  if (level) broken(`${shell.name}: a defect was logged: ${message}`);
  const heard = Promise.withResolvers<string>();
  const line = await shell.dial(heard.resolve);
  line.send('{"i":"last","p":{"u":"/audit/list","b":{"json":{"limit":1}}}}');
  const text = await heard.promise;
  if (!text.includes('"entries"')) broken(`${shell.name}: afterwards it answers ${text.slice(0, 200)}`);
  line.end();
  if (Object.keys(Object.prototype).length > 0) broken(`${shell.name}: Object.prototype was changed`);
}

/** In use, after everything that can go went. */
function heapMiB(): number {
  v8.setFlagsFromString('--expose-gc');
  const collect = vm.runInNewContext('gc') as () => void;
  collect();
  // What the first round only marked, and buffers that hung on it.
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
}
