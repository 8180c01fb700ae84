/** `npm run isolation-check`: whether clients are kept apart in a database, as words, JSON and a page for a client. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { IsolationReport } from '../contract/isolation.ts';
import { checkIsolation, IsolationCheckError } from '../../src-platform/isolation/check-isolation.ts';
import { isolationPage } from '../isolation/isolation-page.ts';
import { count, isolationReport } from '../isolation/isolation-words.ts';

const USAGE = `TENANTDESK_DATABASE_URL=postgres://… npm run isolation-check -- [--json] [--html FILE]

Reads how the database keeps clients apart and tries to get past it, as every role, in a transaction that is rolled back.
The login is the one that migrates the database; with an auditor's or admin's own it tries what that login may.

  --json       the result as one JSON object on standard output
  --html FILE  the result as a page that a client can read

Exit code 0: clients are kept apart; 1: they may not be; 2: the check could not be made.`;

export interface CommandPorts {
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Folder that relative paths start from. */
  readonly folder: string;
  readonly print: (line: string) => void;
  readonly say: (line: string) => void;
}

/** @returns the exit code. */
export async function isolationCheck({ args, env, folder, print, say }: CommandPorts): Promise<number> {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { json: { type: 'boolean' }, html: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    });
    if (values.help === true) {
      print(USAGE);
      return 0;
    }
    const databaseUrl = env['TENANTDESK_DATABASE_URL'];
    if (!databaseUrl) throw new IsolationCheckError(`TENANTDESK_DATABASE_URL is not set.\n\n${USAGE}`);
    const by = loginOf(databaseUrl);
    const report = isolationReport({ ...(await checkIsolation(databaseUrl)), by });
    if (values.html !== undefined) {
      const file = path.resolve(folder, values.html);
      writeFileSync(file, isolationPage(report), { mode: 0o600 });
      say(`The page is ${file}.`);
    }
    if (values.json === true) print(JSON.stringify(report));
    else for (const line of inWords(report)) print(line);
    return report.ok ? 0 : 1;
  } catch (error) {
    say(`The isolation check could not be made: ${error instanceof Error ? error.message : String(error)}`);
    return 2;
  }
}

function loginOf(databaseUrl: string): string {
  if (!URL.canParse(databaseUrl)) {
    throw new IsolationCheckError(
      'TENANTDESK_DATABASE_URL is no address of a database: postgres://login:…@host:5432/database',
    );
  }
  return `login ${decodeURIComponent(new URL(databaseUrl).username)}`;
}

function inWords(report: IsolationReport): string[] {
  const sign = (ok: boolean): string => (ok ? '✓' : '✗');
  return [
    ...report.rules.flatMap(({ ok, title, level, findings }) => [
      `${sign(ok)} ${title}${ok || level === 'error' ? '' : ' (a warning)'}`,
      ...findings.map((finding) => `    ${finding}`),
    ]),
    '',
    ...report.trials.flatMap((trial) => [
      `${sign(trial.findings.length === 0)} ${trial.who}: ${count(trial.tried)} attempts, ${count(trial.refused)} refused`,
      ...trial.findings.map((finding) => `    ${finding}`),
    ]),
    '',
    ...report.missing,
    report.verdict,
  ];
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = await isolationCheck({
    args: process.argv.slice(2),
    env: process.env,
    folder: process.env['INIT_CWD'] ?? process.cwd(),
    print: (line) => void process.stdout.write(`${line}\n`),
    say: (line) => void process.stderr.write(`${line}\n`),
  });
}
