import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { randomBytes } from 'node:crypto';
import { createRouterClient, type RouterClient } from '@orpc/server';
import type { ConsoleRouter } from '../app/console-router.ts';
import { createConsole, type Console } from '../app/create-console.ts';
import { knownSchema } from '../app/known-schema.ts';
import type { BoardFrame, BoardRow } from '../contract/board.ts';
import { systemClock, type Clock } from '../infra/clock.ts';
import type { Keychain } from '../infra/keychain/keychain.ts';
import { createKnownSecrets, type KnownSecrets } from '../infra/known-secrets.ts';
import type { Logger } from '../infra/logger.ts';
import { createFakeKeychain } from './fake-keychain.ts';
import { BROWSER_ABILITIES } from '../shell/browser-abilities.ts';
import { createTestPrinter } from './test-printer.ts';
import { createFakeLogger, type FakeLogger } from './fake-logger.ts';

export type ConsoleClient = RouterClient<ConsoleRouter>;

export interface TestConsole {
  readonly console: Console;
  /** Calls the router in this process, through all its parsing. */
  readonly client: ConsoleClient;
  readonly log: FakeLogger;
  /** What it keeps and exports; removed with it, but for a folder that was handed in. */
  readonly folder: string;
}

/** A console as the shells make it, for one operator. */
export async function openTestConsole(operator: {
  readonly login: string;
  readonly url: string;
  readonly gatewayToken: string;
  readonly gatewayUrl: string;
  /** Present: `url` leads through a pooler. */
  readonly directUrl?: string;
  /** To open another console on what an earlier one kept. */
  readonly folder?: string;
  /** One that works and is empty when absent. */
  readonly keychain?: Keychain;
  /** This machine's when absent. */
  readonly clock?: Clock;
  /** In place of the one that remembers its lines. */
  readonly log?: Logger;
  readonly secrets?: KnownSecrets;
}): Promise<TestConsole> {
  const log = createFakeLogger();
  const folder = operator.folder ?? mkdtempSync(path.join(os.tmpdir(), 'tenantdesk-console-'));
  const console = await createConsole({
    local: {
      profile: { name: 'Test', kind: 'local', colour: 'teal' },
      operator: {
        login: operator.login,
        postgresUrl: operator.url,
        ...(operator.directUrl === undefined ? {} : { postgresDirectUrl: operator.directUrl }),
        gatewayUrl: operator.gatewayUrl,
        gatewayToken: operator.gatewayToken,
      },
    },
    shell: 'browser',
    version: '0.0.0',
    schema: knownSchema(path.resolve(import.meta.dirname, '../..')),
    dataFolder: path.join(folder, 'kept'),
    exportFolder: path.join(folder, 'exports'),
    reportFolders: { known: [{ id: 'downloads', path: path.join(folder, 'exports') }], ask: null },
    printer: createTestPrinter(),
    abilities: BROWSER_ABILITIES,
    clock: operator.clock ?? systemClock,
    log: operator.log ?? log,
    secrets: operator.secrets ?? createKnownSecrets(),
    random: Math.random,
    randomBytes,
    keychain: operator.keychain ?? createFakeKeychain(),
  });
  const closing: Console = {
    ...console,
    async close() {
      await console.close();
      if (operator.folder === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
  return { console: closing, client: createRouterClient(console.router, { context: {} }), log, folder };
}

/** Puts frames together as a window does; the answer is the rows by tenant after `frame`. */
export function mergeFrame(rows: Map<string, BoardRow>, frame: BoardFrame): Map<string, BoardRow> {
  if (frame.kind === 'snapshot') rows.clear();
  for (const row of frame.rows) rows.set(row.tenantId, row);
  for (const id of frame.removed) rows.delete(id);
  return rows;
}
