/**
 * `npm run torture -- [--scale N] [--minutes N] [--seed TEXT] [--only NAME] [--json FILE]`: hurts a platform and its database, and prints one JSON object of figures with
 * their goals on standard output. Progress goes to standard error. The exit code is 1 when a promise was broken.
 */
import { writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { seededRandom } from '../../src-platform/local/seeded-random.ts';
import type { DatabaseScenario, DesktopScenario, Figures, Scale, Scenario } from './scene.ts';
import { canaries } from './scenarios/canaries.ts';
import { capHolds } from './scenarios/cap-holds.ts';
import { cutStreams } from './scenarios/cut-streams.ts';
import { cutWrites } from './scenarios/cut-writes.ts';
import { decisions } from './scenarios/decisions.ts';
import { exactlyFifty } from './scenarios/exactly-fifty.ts';
import { grants } from './scenarios/grants.ts';
import { hostileMessages } from './scenarios/hostile-messages.ts';
import { isolation } from './scenarios/isolation.ts';
import { killGateways, killPostgres, killRedis } from './scenarios/kills.ts';
import { lateAndDuplicate } from './scenarios/late-and-duplicate.ts';
import { postgresAway, redisAway } from './scenarios/stores-away.ts';
import { tamperings } from './scenarios/tamperings.ts';
import { vault } from './scenarios/vault.ts';
import { createStages } from './stages.ts';

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'exactly-fifty': exactlyFifty,
  'cap-holds': capHolds,
  'cut-streams': cutStreams,
  'cut-writes': cutWrites,
  'redis-away': redisAway,
  'postgres-away': postgresAway,
  'kill-redis': killRedis,
  'kill-postgres': killPostgres,
  'kill-gateways': killGateways,
};

/** These need no gateway: each gets a database of its own. */
const DATABASE_SCENARIOS: Readonly<Record<string, DatabaseScenario>> = {
  isolation,
  'late-and-duplicate': lateAndDuplicate,
  tamperings,
  decisions,
  grants,
  'hostile-messages': hostileMessages,
  canaries,
};

/** Of the operator's own computer alone. */
const DESKTOP_SCENARIOS: Readonly<Record<string, DesktopScenario>> = { vault };

const NAMES = [SCENARIOS, DATABASE_SCENARIOS, DESKTOP_SCENARIOS].flatMap(Object.keys);

const USAGE = `npm run torture -- [--scale N] [--minutes N] [--seed TEXT] [--only NAME]... [--json FILE]

  --scale N    the share of the full figures: 1 by default, 0.1 is a tenth, 0 the least that shows it runs
  --minutes N  cap-holds ends then, with the calls that were made
  --seed TEXT  the same random choices again; when things happen at the same time their order is the machine's
  --only NAME  this one; may be given more than once: ${NAMES.join(', ')}
  --json FILE  the object into a file as well`;

function scaleOf(scale: number): Omit<Scale, 'minutes'> {
  const of = (full: number, least: number): number => Math.max(least, Math.round(full * scale));
  return {
    calls: of(1_000_000, 400),
    tenants: of(500, 3),
    fiftyRounds: scale === 0 ? 1 : 10,
    gatewayKills: of(200, 2),
    postgresKills: of(100, 1),
    redisFaults: of(100, 2),
    cutStreams: of(1_000, 30),
    outages: of(20, 1),
    writes: of(5_000, 24),
    queries: of(200_000, 400),
    transactions: of(50_000, 80),
    lateRows: of(100_000, 300),
    lateKills: of(200, 3),
    tamperings: of(2_000, 20),
    sequences: of(50_000, 20),
    grantSteps: of(1_000_000, 600),
    hostileMessages: of(50_000, 600),
    frameAttacks: of(50, 1),
    canaries: of(1_000, 20),
    vaultKills: of(300, 3),
    vaultDamages: of(5_000, 200),
  };
}

function readArguments() {
  const { values } = parseArgs({
    options: {
      scale: { type: 'string', default: '1' },
      minutes: { type: 'string', default: '1440' },
      seed: { type: 'string' },
      only: { type: 'string', multiple: true },
      json: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const names = values.only ?? NAMES;
  const unknown = names.filter((name) => !NAMES.includes(name));
  if (unknown.length > 0) {
    throw new Error(`There is no ${unknown.join(', ')}. There are: ${NAMES.join(', ')}.`);
  }
  const scale = Number(values.scale);
  if (values.scale.trim() === '' || !(scale >= 0 && scale <= 100)) {
    throw new Error(`--scale is a number from 0 to 100, not ${JSON.stringify(values.scale)}.`);
  }
  const minutes = Number(values.minutes);
  if (!(minutes > 0 && minutes <= 1_440)) {
    throw new Error(`--minutes is a number above 0, 1440 at most, not ${JSON.stringify(values.minutes)}.`);
  }
  const seed = values.seed ?? new Date().toISOString();
  return { names, scale, minutes, seed, json: values.json, help: values.help ?? false };
}

/** Sentences about broken promises. */
const MOST_SAID = 50;

const startedAt = performance.now();
const say = (line: string): void =>
  void process.stderr.write(`${((performance.now() - startedAt) / 1000).toFixed(1).padStart(7)} s  ${line}\n`);

async function main(): Promise<number> {
  const command = readArguments();
  if (command.help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const stopping = new AbortController();
  const { signal } = stopping;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => stopping.abort());
  // Whatever goes wrong beside the way: what was started is stopped before we end.
  for (const name of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(name, (error: unknown) => {
      say(error instanceof Error ? (error.stack ?? error.message) : String(error));
      stopping.abort();
    });
  }
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && stopping.abort(), 300).unref();
  say(`seed ${command.seed}`);
  const figures: Figures = {};
  const failures: string[] = [];
  const broken: string[] = [];
  const stages = createStages(say);
  let logs: string | undefined;
  try {
    for (const name of command.names) {
      if (signal.aborted) continue;
      say(`── ${name}`);
      const seed = `${command.seed}/${name}`;
      const ground = {
        scale: { ...scaleOf(command.scale), minutes: command.minutes },
        seed,
        random: seededRandom(seed),
        say,
        broken: (sentence: string) => {
          if (broken.push(`${name}: ${sentence}`) <= MOST_SAID) say(`✗ ${sentence}`);
        },
        signal,
      };
      const [onSite, onDatabase, onDesktop] = [SCENARIOS[name], DATABASE_SCENARIOS[name], DESKTOP_SCENARIOS[name]];
      try {
        if (onSite) Object.assign(figures, told(await onSite({ ...ground, site: await stages.site() })));
        if (onDesktop) Object.assign(figures, told(await onDesktop(ground)));
        if (onDatabase) {
          await stages.onDatabase(async (db) => Object.assign(figures, told(await onDatabase({ ...ground, db }))));
        }
      } catch (error) {
        if (!signal.aborted) {
          failures.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
          say(error instanceof Error ? (error.stack ?? error.message) : String(error));
        }
        stages.calm();
      }
    }
  } finally {
    logs = await stages.close(broken.length + failures.length > 0 && !signal.aborted);
  }
  if (signal.aborted) {
    say('Stopped.');
    return 1;
  }
  const missed = Object.entries(figures).flatMap(([name, { met }]) => (met === false ? [name] : []));
  const conditions = {
    scale: command.scale,
    seed: command.seed,
    cores: os.availableParallelism(),
    seconds: Math.round((performance.now() - startedAt) / 1000),
  };
  const found = { missed, broken: broken.slice(0, MOST_SAID), failures, ...(logs === undefined ? {} : { logs }) };
  const report = JSON.stringify({ ...figures, conditions, ...found });
  process.stdout.write(`${report}\n`);
  if (command.json !== undefined) {
    writeFileSync(path.resolve(process.env['INIT_CWD'] ?? process.cwd(), command.json), `${report}\n`);
  }
  if (missed.length + broken.length + failures.length === 0) return 0;
  say(
    `Broken with seed ${command.seed}: ${[...missed, ...failures].join(', ')}. ${logs ? `The gateways' logs are in ${logs}.` : ''}`,
  );
  return 1;
}

function told(found: Figures): Figures {
  for (const [name, { value, unit, goal, met }] of Object.entries(found)) {
    say(`${met === false ? '✗' : ' '} ${name}: ${value} ${unit}${goal ? ` (goal ${goal})` : ''}`);
  }
  return found;
}

try {
  // Not left to an empty event loop: with reset sockets behind it Node 24 may spin in its own cleanup for ever.
  process.exit(await main());
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
