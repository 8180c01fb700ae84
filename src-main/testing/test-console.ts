import { randomBytes } from 'node:crypto';
import { createRouterClient, type RouterClient } from '@orpc/server';
import type { ConsoleRouter } from '../app/console-router.ts';
import { createConsole, type Console } from '../app/create-console.ts';
import type { BoardFrame, BoardRow } from '../contract/board.ts';
import { systemClock } from '../infra/clock.ts';
import { createFakeLogger, type FakeLogger } from './fake-logger.ts';

export type ConsoleClient = RouterClient<ConsoleRouter>;

export interface TestConsole {
  readonly console: Console;
  /** Calls the router in this process, through all its parsing. */
  readonly client: ConsoleClient;
  readonly log: FakeLogger;
}

/** A console as the shells make it, for one operator. */
export async function openTestConsole(operator: {
  readonly login: string;
  readonly url: string;
  readonly gatewayToken: string;
  readonly gatewayUrl: string;
}): Promise<TestConsole> {
  const log = createFakeLogger();
  const console = await createConsole({
    profile: { name: 'Test', kind: 'local', colour: 'teal' },
    operator: {
      login: operator.login,
      postgresUrl: operator.url,
      gatewayUrl: operator.gatewayUrl,
      gatewayToken: operator.gatewayToken,
    },
    shell: 'browser',
    version: '0.0.0',
    clock: systemClock,
    log,
    random: Math.random,
    randomBytes,
  });
  return { console, client: createRouterClient(console.router, { context: {} }), log };
}

/** Puts frames together as a window does; the answer is the rows by tenant after `frame`. */
export function mergeFrame(rows: Map<string, BoardRow>, frame: BoardFrame): Map<string, BoardRow> {
  if (frame.kind === 'snapshot') rows.clear();
  for (const row of frame.rows) rows.set(row.tenantId, row);
  for (const id of frame.removed) rows.delete(id);
  return rows;
}
