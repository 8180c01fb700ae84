/**
 * `npm run torture -- [names] [--rounds N] [--seed TEXT] [--json FILE]`: hurts a platform and prints one JSON object of figures with
 * their goals on standard output. Progress goes to standard error. The exit code is 1 when a goal is missed.
 */
import { writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { seededRandom } from '../../src-platform/local/seeded-random.ts';
import type { Figures, Scale, Scenario } from './scene.ts';
import { capHolds } from './scenarios/cap-holds.ts';
import { cutStreams } from './scenarios/cut-streams.ts';
import { exactlyFifty } from './scenarios/exactly-fifty.ts';
import { killGateways, killPostgres, killRedis } from './scenarios/kills.ts';
import { startSite } from './site.ts';

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'exactly-fifty': exactlyFifty,
  'cap-holds': capHolds,
  'cut-streams': cutStreams,
  'kill-redis': killRedis,
  'kill-postgres': killPostgres,
  'kill-gateways': killGateways,
};

const USAGE = `npm run torture -- [names] [--rounds N] [--seed TEXT] [--json FILE]

Names: ${Object.keys(SCENARIOS).join(', ')} (default: all)
  --rounds N   hundredths of the full figures, 100 by default: 10 is a tenth, 0 the least that shows it runs
  --seed TEXT  the same random choices again; when things happen at the same time their order is the machine's
  --json FILE  the object into a file as well`;

const FULL_ROUNDS = 100;

function scaleOf(rounds: number): Scale {
  const of = (full: number, least: number): number => Math.max(least, Math.round((full * rounds) / FULL_ROUNDS));
  return {
    calls: of(1_000_000, 1_500),
    tenants: of(500, 4),
    fiftyRounds: rounds === 0 ? 1 : 10,
    gatewayKills: of(200, 2),
    postgresKills: of(100, 1),
    redisFaults: of(100, 2),
    cutStreams: of(1_000, 30),
  };
}

function readArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: String(FULL_ROUNDS) },
      seed: { type: 'string' },
      json: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const unknown = positionals.filter((name) => !Object.hasOwn(SCENARIOS, name));
  if (unknown.length > 0) throw new Error(`No such torture: ${unknown.join(', ')}.`);
  const rounds = Number(values.rounds);
  if (!(rounds >= 0)) throw new Error(`--rounds is a number from 0, not ${values.rounds}.`);
  const names = positionals.length > 0 ? positionals : Object.keys(SCENARIOS);
  return {
    names,
    rounds,
    seed: values.seed ?? new Date().toISOString(),
    json: values.json,
    help: values.help ?? false,
  };
}

const startedAt = performance.now();
const say = (line: string): void =>
  void process.stderr.write(`${((performance.now() - startedAt) / 1000).toFixed(1).padStart(7)} s  ${line}\n`);

async function main(): Promise<number> {
  const command = readArguments();
  if (command.help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  let stopped = false;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => (stopped = true));
  const parent = process.ppid;
  setInterval(() => (stopped ||= process.ppid !== parent), 300).unref();
  const goOn = (): void => {
    if (stopped) throw new Error('Stopped.');
  };
  say(`seed ${command.seed}`);
  const figures: Figures = {};
  const failures: string[] = [];
  const site = await startSite();
  try {
    for (const name of command.names) {
      const run = SCENARIOS[name];
      if (run === undefined || stopped) continue;
      say(`── ${name}`);
      const random = seededRandom(`${command.seed}/${name}`);
      try {
        const found = await run({ site, scale: scaleOf(command.rounds), random, say, goOn });
        for (const [figure, { value, unit, goal, met }] of Object.entries(found)) {
          say(`${met === false ? '✗' : ' '} ${figure}: ${value} ${unit}${goal ? ` (goal ${goal})` : ''}`);
        }
        Object.assign(figures, found);
      } catch (error) {
        failures.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
        say(error instanceof Error ? (error.stack ?? error.message) : String(error));
        site.torment(undefined);
      }
    }
  } finally {
    await site.close();
  }
  const missed = Object.entries(figures).flatMap(([name, { met }]) => (met === false ? [name] : []));
  const conditions = {
    rounds: command.rounds,
    seed: command.seed,
    cores: os.availableParallelism(),
    seconds: Math.round((performance.now() - startedAt) / 1000),
    missed,
    failures,
  };
  const report = JSON.stringify({ ...figures, conditions });
  process.stdout.write(`${report}\n`);
  if (command.json !== undefined) {
    writeFileSync(path.resolve(process.env['INIT_CWD'] ?? process.cwd(), command.json), `${report}\n`);
  }
  return missed.length + failures.length > 0 || stopped ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
