/**
 * `npm run bench -- [names] [--quick] [--json FILE]`: measures what `README.md` of this folder lists and prints one JSON object
 * on standard output. Progress goes to standard error. A benchmark that fails is named in the object; the exit code is 1 then.
 */
import { writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { BENCHMARKS } from './benchmarks.ts';
import type { Figure } from './frame/figure.ts';
import { canPin, withWorkbench } from './frame/workbench.ts';

const USAGE = `npm run bench -- [names] [--quick] [--json FILE]

Names: ${Object.keys(BENCHMARKS).join(', ')} (default: all)
  --quick      fewer rounds and rows: shows that everything runs; figures not to be quoted
  --json FILE  the object into a file as well`;

const say = (line: string): void => void process.stderr.write(`${line}\n`);

function readArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { quick: { type: 'boolean' }, json: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  const unknown = positionals.filter((name) => !Object.hasOwn(BENCHMARKS, name));
  if (unknown.length > 0) throw new Error(`No such benchmark: ${unknown.join(', ')}.`);
  const names = positionals.length > 0 ? positionals : Object.keys(BENCHMARKS);
  return { names, quick: values.quick ?? false, json: values.json, help: values.help ?? false };
}

async function main(): Promise<number> {
  const command = readArguments();
  if (command.help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const stopping = new AbortController();
  // Whatever goes wrong beside the way: what was started is stopped before we end.
  const stray = (error: unknown): void => {
    say(error instanceof Error ? (error.stack ?? error.message) : String(error));
    stopping.abort();
  };
  process.on('uncaughtException', stray);
  process.on('unhandledRejection', stray);
  const parent = process.ppid;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => stopping.abort());
  setInterval(() => process.ppid !== parent && stopping.abort(), 300).unref();
  const projectFolder = path.resolve(import.meta.dirname, '../..');
  const figures: Record<string, Figure> = {};
  const missing: string[] = [];
  let failures = 0;
  for (const name of command.names) {
    if (stopping.signal.aborted) break;
    say(`── ${name}`);
    const options = { quick: command.quick, projectFolder, random: Math.random, signal: stopping.signal };
    try {
      const run = BENCHMARKS[name];
      if (!run) continue;
      const result = await withWorkbench({ ...options, say: (line) => say(`   ${line}`) }, run);
      for (const [figure, value] of Object.entries(result.figures)) {
        figures[figure] = value;
        say(`   ${figure}: ${value.value} ${value.unit}${value.goal ? `  (goal ${value.goal})` : ''}`);
      }
      missing.push(...(result.missing ?? []));
    } catch (error) {
      if (stopping.signal.aborted) break;
      failures += 1;
      missing.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      say(error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
  }
  const report = JSON.stringify({ ...figures, conditions: { ...conditions(command.quick), notMeasured: missing } });
  process.stdout.write(`${report}\n`);
  if (command.json !== undefined) {
    writeFileSync(path.resolve(process.env['INIT_CWD'] ?? process.cwd(), command.json), `${report}\n`);
  }
  return failures > 0 || stopping.signal.aborted ? 1 : 0;
}

function conditions(quick: boolean) {
  return {
    at: new Date().toISOString(),
    cores: os.availableParallelism(),
    cpu: os.cpus()[0]?.model ?? 'unknown',
    node: process.versions.node,
    load1: os.loadavg()[0] ?? null,
    pinned: canPin() ? 'subject on core 0, the rest on core 1' : 'not pinned',
    quick,
  };
}

try {
  process.exit(await main());
} catch (error) {
  say(`tenantdesk: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}
