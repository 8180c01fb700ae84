/** The launcher from outside: a small project of its own and a pretend npm, so that installs take no time. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const STAMP = 'node_modules/.installed-for';
const LOCK = '.setup.lock';

/** Deletes node_modules and makes it anew like npm ci, as its settings say: `wait` for a file, `fail` with words. */
const PRETEND_NPM = `
import fs from 'node:fs';
fs.appendFileSync('npm.log', process.pid + ' ' + process.argv.slice(2).join(' ') + '\\n');
fs.rmSync('node_modules', { recursive: true, force: true });
fs.mkdirSync('node_modules/node/bin', { recursive: true });
process.on('SIGTERM', () => process.exit(1)).on('SIGINT', () => process.exit(1));
while (process.env.NPM_WAIT && !fs.existsSync(process.env.NPM_WAIT)) await new Promise((r) => setTimeout(r, 20));
if (process.env.NPM_FAIL) { console.error(process.env.NPM_FAIL); process.exit(1); }
fs.symlinkSync(${JSON.stringify(process.execPath)}, 'node_modules/node/bin/node');
fs.writeFileSync('node_modules/.package-lock.json', fs.readFileSync('package-lock.json'));
`;

let project: string;
let started: ChildProcess[];

beforeEach(() => {
  started = [];
  project = mkdtempSync(path.join(os.tmpdir(), 'tenantdesk-setup-'));
  const launchFolder = path.join(project, 'src-main', 'launch');
  mkdirSync(launchFolder, { recursive: true });
  for (const file of ['launch.mjs', 'install.mjs', 'setup-lock.mjs']) {
    cpSync(path.join(import.meta.dirname, file), path.join(launchFolder, file));
  }
  mkdirSync(path.join(project, '.ci'));
  write('.ci/test.mjs', `console.log(JSON.stringify({ args: process.argv.slice(2), node: process.versions.node }))`);
  write('package-lock.json', JSON.stringify({ packages: { '': {}, 'node_modules/node': { version: '24.0.0' } } }));
  mkdirSync(path.join(project, 'npm'));
  write('npm/npm-cli.js', PRETEND_NPM);
  write('npm/package.json', '{"type":"module"}');
});

afterEach(() => {
  for (const child of started) child.kill('SIGKILL');
  rmSync(project, { recursive: true, force: true });
});

const at = (name: string): string => path.join(project, name);
const write = (name: string, text: string): void => writeFileSync(at(name), text);
const npmRuns = (): string[] =>
  existsSync(at('npm.log')) ? readFileSync(at('npm.log'), 'utf8').trim().split('\n') : [];

function launch(env: NodeJS.ProcessEnv = {}, args: readonly string[] = ['test', '--one', 'two']) {
  const child = spawn(process.execPath, [at('src-main/launch/launch.mjs'), ...args], {
    cwd: os.tmpdir(),
    env: { ...process.env, npm_execpath: at('npm/npm-cli.js'), npm_node_execpath: process.execPath, ...env },
  });
  started.push(child);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data) => (stdout += data));
  child.stderr.on('data', (data) => (stderr += data));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, stdout, stderr }));
  return { child, ended, stderr: () => stderr };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('a fresh clone', () => {
  it('is installed once, then the command runs with its options', async () => {
    const first = await launch().ended;
    expect([first.code, JSON.parse(first.stdout)]).toEqual([
      0,
      { args: ['--one', 'two'], node: process.versions.node },
    ]);
    expect(first.stderr).toContain('installing its packages');
    expect(npmRuns()).toEqual([expect.stringContaining(' ci ')]);
    expect(npmRuns()[0]).toContain('--ignore-scripts=false');
    const second = await launch().ended;
    expect([second.code, second.stderr, npmRuns().length]).toEqual([0, '', 1]);
  });

  it('is installed again when the lock file changed', async () => {
    await launch().ended;
    write('package-lock.json', JSON.stringify({ packages: { 'node_modules/node': { version: '24.0.1' } } }));
    expect((await launch().ended).code).toBe(0);
    expect(npmRuns()).toHaveLength(2);
  });

  it('keeps packages that somebody installed by hand, when they are complete', async () => {
    mkdirSync(at('node_modules/node/bin'), { recursive: true });
    cpSync(at('package-lock.json'), at('node_modules/.package-lock.json'));
    expect((await launch().ended).code).toBe(0);
    expect(npmRuns(), 'without Node 24 it is not complete').toHaveLength(1);
    rmSync(at(STAMP));
    expect((await launch().ended).code).toBe(0);
    expect(npmRuns()).toHaveLength(1);
    expect(existsSync(at(STAMP))).toBe(true);
  });

  it('is installed by one of two starts while the other waits', async () => {
    const first = launch({ NPM_WAIT: at('go') });
    await until(() => npmRuns().length === 1);
    const second = launch();
    await until(() => second.stderr().includes(`process ${first.child.pid}`));
    write('go', '');
    expect((await Promise.all([first.ended, second.ended])).map(({ code }) => code)).toEqual([0, 0]);
    expect(npmRuns()).toHaveLength(1);
    expect(existsSync(at(LOCK))).toBe(false);
  });
});

describe('an install that is cut off', () => {
  it('by a signal leaves no lock and no stamp, and is done again', async () => {
    const first = launch({ NPM_WAIT: at('never') });
    await until(() => npmRuns().length === 1);
    first.child.kill('SIGINT');
    const { code, stderr } = await first.ended;
    expect([code, stderr]).toEqual([1, expect.stringContaining('the next start does it again')]);
    expect([existsSync(at(STAMP)), existsSync(at(LOCK))]).toEqual([false, false]);
    expect((await launch().ended).code).toBe(0);
  });

  it('by SIGKILL of all is done again', async () => {
    const first = launch({ NPM_WAIT: at('never') });
    await until(() => npmRuns().length === 1);
    first.child.kill('SIGKILL');
    process.kill(Number(npmRuns()[0]?.split(' ')[0]), 'SIGKILL');
    await first.ended;
    expect(existsSync(at(STAMP))).toBe(false);
    expect((await launch().ended).code).toBe(0);
    expect(npmRuns()).toHaveLength(2);
  });

  it('by SIGKILL of the start alone waits for the npm that goes on', async () => {
    const first = launch({ NPM_WAIT: at('go') });
    await until(() => npmRuns().length === 1);
    const npm = npmRuns()[0]?.split(' ')[0];
    first.child.kill('SIGKILL');
    const second = launch();
    await until(() => second.stderr().includes(`process ${npm}`));
    write('go', '');
    expect((await second.ended).code).toBe(0);
  });

  it('is not waited for when its holder is a zombie or another process has its number', async () => {
    const sleeper = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
    started.push(sleeper);
    const [zombie] = (await once(createInterface({ input: sleeper.stdout }), 'line')) as [string];
    await until(() => / Z /.test(readFileSync(`/proc/${zombie}/stat`, 'utf8')));
    process.kill(Number(zombie), 0); // still answers
    for (const holder of [`${zombie} `, `${zombie} 5`, `${process.pid} 1`, 'rubbish', `${2 ** 22 + 1} 1`]) {
      write(LOCK, `${holder}\n`);
      rmSync(at('node_modules'), { recursive: true, force: true });
      expect([holder, (await launch().ended).code]).toEqual([holder, 0]);
    }
  });
});

describe('what cannot be had', () => {
  const sentence = async (env: NodeJS.ProcessEnv): Promise<string> => {
    const { code, stderr, stdout } = await launch(env).ended;
    expect([code, stdout]).toEqual([1, '']);
    expect([existsSync(at(STAMP)), existsSync(at(LOCK))]).toEqual([false, false]);
    return stderr.trim().split('\n').at(-1) ?? '';
  };

  it('is said in one sentence', async () => {
    expect(await sentence({ NPM_FAIL: 'npm error code ENOTFOUND' })).toMatch(
      /^tenantdesk: .*registry could not be reached/,
    );
    expect(await sentence({ NPM_FAIL: 'npm error ENOSPC: no space left' })).toMatch(/^tenantdesk: .*disk is full/);
    expect(await sentence({ NPM_FAIL: 'something else' })).toMatch(/^tenantdesk: .*What npm said stands above/);
    expect(await sentence({ npm_execpath: '', PATH: at('npm') })).toMatch(/^tenantdesk: npm could not be started/);
    rmSync(at('package-lock.json'));
    expect(await sentence({})).toMatch(/^tenantdesk: package-lock.json cannot be read/);
  });

  it('is said for a folder that cannot be written', async () => {
    chmodSync(project, 0o555);
    // Root may write everywhere; in a user namespace of its own it may not.
    const asNobody = process.getuid?.() === 0 ? ['unshare', '-U', '--map-user=65534', '--map-group=65534'] : [];
    const [command, ...args] = [...asNobody, process.execPath, at('src-main/launch/launch.mjs'), 'test'];
    const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
    chmodSync(project, 0o755);
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^tenantdesk: The folder .* cannot be written/)]);
  });

  it('is said for a command that is not there', async () => {
    const { code, stderr } = await launch({}, ['constructor']).ended;
    expect([code, stderr]).toEqual([1, expect.stringContaining('Unknown command "constructor"')]);
    await launch().ended;
    const missing = await launch({}, ['gateway']).ended;
    expect([missing.code, missing.stderr]).toEqual([
      1,
      expect.stringContaining('this copy of TenantDesk is incomplete'),
    ]);
  });
});
