/**
 * `npm test`: every check of the project, closed by one line `N passed, N failed` over all of them.
 *
 *   node .ci/test.mjs                 everything
 *   node .ci/test.mjs types unit      only these (types, lint, format, knip, unit, integration, e2e)
 *
 * A static check counts as one test, each runner counts its own. What could not run is named and counted as skipped,
 * never as passed. Nothing is tried twice.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { countPlaywright, countVitest } from './count-tests.ts';

const projectFolder = path.resolve(import.meta.dirname, '..');
const binaries = path.join(projectFolder, 'node_modules', '.bin');
const reports = mkdtempSync(path.join(os.tmpdir(), 'tenantdesk-test-'));
const say = (line) => process.stdout.write(`${line}\n`);

const STATIC = [
  { suite: 'types', name: 'types of src-main', command: 'tsc', args: ['-p', 'src-main'] },
  { suite: 'types', name: 'types of src-platform', command: 'tsc', args: ['-p', 'src-platform'] },
  { suite: 'types', name: 'types of src-renderer', command: 'tsc', args: ['-p', 'src-renderer'] },
  { suite: 'types', name: 'types of e2e', command: 'tsc', args: ['-p', 'e2e'] },
  { suite: 'types', name: 'types of the benchmark’s pages', command: 'tsc', args: ['-p', 'e2e/bench/pages'] },
  {
    suite: 'lint',
    name: 'lint',
    command: 'oxlint',
    args: ['-c', '.ci/oxlintrc.json', '--type-aware', '--deny-warnings'],
  },
  { suite: 'format', name: 'format', command: 'prettier', args: ['--check', '.', '--log-level', 'warn'] },
  { suite: 'knip', name: 'unused code', command: 'knip', args: ['--no-progress'] },
];

const vitest = (projects, report) => [
  'run',
  '--config',
  '.ci/vitest.config.ts',
  ...projects.map((project) => `--project=${project}`),
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${report}`,
];

const RUNNERS = [
  {
    suite: 'unit',
    name: 'unit tests',
    minutes: 5,
    command: 'vitest',
    args: (report) => vitest(['unit'], report),
    count: countVitest,
  },
  {
    suite: 'integration',
    name: 'integration tests (PostgreSQL, Redis, processes)',
    minutes: 15,
    command: 'vitest',
    args: (report) => vitest(['integration', 'torture'], report),
    count: countVitest,
  },
  {
    suite: 'e2e',
    name: 'end-to-end tests (Chromium)',
    minutes: 25,
    command: 'playwright',
    args: () => ['test', '--config', 'e2e/playwright.config.ts', '--reporter=list,json'],
    count: countPlaywright,
  },
];

const running = new Set();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    for (const child of running) child.kill('SIGTERM');
    rmSync(reports, { recursive: true, force: true });
    process.exit(1);
  });
}

/** Runs a program of node_modules; resolves to its exit code, its output when kept, and how long it took. */
async function run({ command, args, keepOutput, env = {}, minutes = 5 }) {
  const startedAt = performance.now();
  const child = spawn(path.join(binaries, command), args, {
    cwd: projectFolder,
    stdio: ['ignore', keepOutput ? 'pipe' : 'inherit', keepOutput ? 'pipe' : 'inherit'],
    env: { ...process.env, PATH: `${binaries}${path.delimiter}${process.env.PATH}`, ...env },
  });
  running.add(child);
  let output = '';
  if (keepOutput) for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill('SIGKILL');
  }, minutes * 60_000);
  const code = await new Promise((resolve) => {
    child.once('error', (error) => {
      output += error.message;
      resolve(1);
    });
    child.once('close', (exitCode) => resolve(exitCode ?? 1));
  });
  clearTimeout(timer);
  running.delete(child);
  if (late) output += `\nstopped after ${minutes} minutes`;
  return { code, output, seconds: ((performance.now() - startedAt) / 1000).toFixed(1) };
}

/** Static checks, as many at once as there are processors. */
async function runStatic(checks, totals) {
  const waiting = [...checks];
  const worker = async () => {
    for (let check = waiting.shift(); check; check = waiting.shift()) {
      const { code, output, seconds } = await run({ ...check, keepOutput: true });
      totals[code === 0 ? 'passed' : 'failed'] += 1;
      say(`${code === 0 ? '✓' : '✗'} ${check.name} (${seconds} s)`);
      if (code !== 0) say(output.trimEnd());
    }
  };
  await Promise.all(Array.from({ length: Math.max(2, os.availableParallelism()) }, worker));
}

async function runRunner(runner, totals) {
  say(`\n▸ ${runner.name} …`);
  const report = path.join(reports, `${runner.suite}.json`);
  const env = { PLAYWRIGHT_JSON_OUTPUT_NAME: report };
  const { code, output, seconds } = await run({ ...runner, args: runner.args(report), env });
  if (output) say(output);
  const counts = runner.count(readReport(report), code);
  for (const reason of counts.reasons) say(`not run: ${reason}`);
  for (const kind of ['passed', 'failed', 'skipped']) totals[kind] += counts[kind];
  const skipped = counts.skipped ? `, ${counts.skipped} skipped` : '';
  say(
    `${counts.failed ? '✗' : '✓'} ${runner.name}: ${counts.passed} passed, ${counts.failed} failed${skipped} (${seconds} s)`,
  );
}

/** The runner's own report; undefined when it ended without writing one. */
function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

const wanted = process.argv.slice(2);
const known = new Set([...STATIC, ...RUNNERS].map((check) => check.suite));
const unknown = wanted.filter((suite) => !known.has(suite));
if (unknown.length > 0) {
  process.stderr.write(`There is no check named ${unknown.join(', ')}. There are: ${[...known].join(', ')}.\n`);
  process.exit(1);
}
const chosen = (check) => wanted.length === 0 || wanted.includes(check.suite);

const totals = { passed: 0, failed: 0, skipped: 0 };
await runStatic(STATIC.filter(chosen), totals);
for (const runner of RUNNERS.filter(chosen)) await runRunner(runner, totals);
rmSync(reports, { recursive: true, force: true });
say('');
say(`${totals.passed} passed, ${totals.failed} failed${totals.skipped ? `, ${totals.skipped} skipped` : ''}`);
process.exit(totals.failed === 0 ? 0 : 1);
