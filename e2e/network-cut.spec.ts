/**
 * The network between any two parts is gone for ten seconds: the window says so, shows no confident zero and is live again by
 * itself. All pairs at once, each with a console of its own; cut (connections are reset) and as a black hole (they stay open,
 * what is sent vanishes).
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Browser, BrowserContext, Page } from '@playwright/test';
import { Client } from 'pg';
import { startFaultProxy } from '../src-platform/testing/fault-proxy.ts';
import { startCuttableGateway } from './fixtures/cuttable-gateway.ts';
import type { TestPlatform } from './fixtures/local-platform.ts';
import { callGateway } from './fixtures/tenant-calls.ts';
import { startTestConsole } from './fixtures/test-console.ts';
import { expect, test } from './fixtures/test.ts';
import { BoardPage } from './pages/board-page.ts';

const CUT_MS = 10_000;
/** From the cut to the words of it. */
const SAID_WITHIN_MS = 9_000;
const LIVE_WITHIN_MS = 15_000;

/** Not of the provider that is cut. */
const ELSEWHERE = 'claude-haiku-4-5';

type Mode = 'forward' | 'refuse' | 'silent';

/** A console of its own, and the line that is cut. */
interface Rig {
  readonly pair: string;
  readonly board: BoardPage;
  readonly page: Page;
  set(mode: Mode): void;
  /** What the window says then. */
  readonly says: RegExp;
  /** What it shows meanwhile; `mode`: how the line was cut. */
  readonly meanwhile?: (mode: Mode) => Promise<void>;
  /** Asked right after the cut, seen to its end. */
  readonly asked?: (mode: Mode) => Promise<void>;
  readonly afterwards?: (mode: Mode) => Promise<void>;
}

/** What has to be closed again, the last first. */
type Closers = (() => Promise<unknown>)[];

interface Scene {
  readonly platform: TestPlatform;
  readonly browser: Browser;
  readonly closers: Closers;
}

const connection = (page: Page) => page.getByRole('status', { name: 'Connection' });
const tile = (page: Page, label: string) =>
  page.getByRole('region', { name: 'All clients together' }).locator(':scope > *').filter({ hasText: label });

/** A window on a console that reaches its parts as told. */
async function openWindow(
  { platform, browser, closers }: Scene,
  via: { database?: string; gateway?: string } = {},
  prepare: (context: BrowserContext) => Promise<void> = async () => undefined,
): Promise<{ page: Page; board: BoardPage }> {
  const operators = platform.operators.map((operator) => ({
    ...operator,
    postgres: via.database ?? operator.postgres,
  }));
  const console = await startTestConsole(
    { ...platform, operators, gateway: via.gateway ?? platform.gateway },
    'operator',
  );
  closers.push(() => console.close());
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  closers.push(() => context.close());
  await prepare(context);
  const page = await context.newPage();
  await console.open(page);
  return { page, board: new BoardPage(page) };
}

async function consoleAndDatabase(scene: Scene): Promise<Rig> {
  const operator = scene.platform.operators.find(({ role }) => role === 'td_operator')!;
  const line = await startFaultProxy(operator.postgres);
  scene.closers.push(() => line.close());
  const { page, board } = await openWindow(scene, { database: line.url });
  const { name } = scene.platform.tenants[2]!;
  return {
    pair: 'console and database',
    page,
    board,
    set: (mode) => line.set(mode),
    says: /database away since \d\d:\d\d/,
    async asked(mode) {
      if (mode !== 'silent') return;
      // On its way when the database fell silent: it ends with a sentence, and nothing is done.
      await board.raise(name, 10);
      await expect(board.question()).toContainText('The database does not answer');
      await board.question().getByRole('button', { name: 'Understood' }).click();
    },
    async meanwhile() {
      await expect(page.getByRole('button', { name: `Raise cap of ${name} by 10 %` })).toHaveAttribute(
        'aria-disabled',
        'true',
      );
      await expect(tile(page, 'Calls / min')).not.toContainText('—');
    },
  };
}

async function consoleAndGateway(scene: Scene): Promise<Rig> {
  const line = await startFaultProxy(scene.platform.gateway);
  scene.closers.push(() => line.close());
  const { page, board } = await openWindow(scene, { gateway: line.url });
  return {
    pair: 'console and gateway',
    page,
    board,
    set: (mode) => line.set(mode),
    says: /gateway away since \d\d:\d\d/,
    async meanwhile() {
      await expect(board.gauge(scene.platform.tenants[0]!.name)).toHaveAttribute('aria-valuetext', /held unknown/);
      await expect(tile(page, 'Calls / min')).toContainText('—');
      await expect(tile(page, 'Refusing now')).toContainText('—');
    },
  };
}

async function gatewayAndDatabase(scene: Scene): Promise<Rig> {
  const gateway = await startCuttableGateway(scene.platform, 'without database');
  scene.closers.push(() => gateway.close());
  const { page, board } = await openWindow(scene, { gateway: gateway.address });
  return {
    pair: 'gateway and database',
    page,
    board,
    set: (mode) => gateway.lines.database.set(mode),
    says: /gateway without database since \d\d:\d\d/,
    async meanwhile() {
      const tenant = scene.platform.tenants[3]!;
      const answer = await callGateway({ gateway: gateway.address }, tenant, 50, ELSEWHERE);
      expect([200, 503], 'from a grant it holds, or not verifiable: never a 429').toContain(answer.status);
    },
    async afterwards() {
      const answer = () => callGateway({ gateway: gateway.address }, scene.platform.tenants[3]!, 50, ELSEWHERE);
      await expect.poll(() => answer().then(({ status }) => status), { intervals: [100] }).toBe(200);
    },
  };
}

async function gatewayAndRedis(scene: Scene): Promise<Rig> {
  const gateway = await startCuttableGateway(scene.platform, 'without Redis');
  scene.closers.push(() => gateway.close());
  const { page, board } = await openWindow(scene, { gateway: gateway.address });
  return {
    pair: 'gateway and Redis',
    page,
    board,
    set: (mode) => gateway.lines.redis.set(mode),
    says: /redis away since \d\d:\d\d/,
    async meanwhile() {
      const answer = await callGateway({ gateway: gateway.address }, scene.platform.tenants[4]!, 50, ELSEWHERE);
      expect(answer.status, 'no money depends on it').toBe(200);
    },
  };
}

async function gatewayAndProvider(scene: Scene): Promise<Rig> {
  const { platform, closers } = scene;
  const owner = new Client({ connectionString: platform.postgres });
  await owner.connect();
  closers.push(() => owner.end());
  const point = async (baseUrl: string): Promise<void> => {
    await owner.query(`update platform.providers set base_url = $1 where id = 'openai'`, [baseUrl]);
    await owner.query(`select platform.announce('providers', null)`);
  };
  const { rows } = await owner.query<{ base_url: string }>(
    `select base_url from platform.providers where id = 'openai'`,
  );
  const line = await startFaultProxy(rows[0]!.base_url);
  closers.push(() => line.close());
  await point(line.url);
  closers.push(() => point(rows[0]!.base_url));
  const gateway = await startCuttableGateway(platform, 'without provider');
  closers.push(() => gateway.close());
  const { page, board } = await openWindow(scene, { gateway: gateway.address });
  const calls = new Set<Promise<unknown>>();
  const call = (): void => {
    const made = callGateway({ gateway: gateway.address }, platform.tenants[5]!).catch(() => undefined);
    calls.add(made);
    void made.then(() => calls.delete(made));
  };
  const timer = setInterval(call, 250);
  closers.push(async () => clearInterval(timer));
  return {
    pair: 'gateway and provider',
    page,
    board,
    set: (mode) => line.set(mode),
    says: /openai away since \d\d:\d\d/,
    async meanwhile() {
      const notice = page.getByRole('status').filter({ hasText: 'The provider openai does not answer the gateway' });
      await expect(notice).toContainText('Figures and caps are not touched.');
    },
    async afterwards() {
      clearInterval(timer);
      // What waited in the black hole is told that the connection is gone.
      line.set('refuse');
      await Promise.all(calls);
    },
  };
}

async function windowAndConsole(scene: Scene): Promise<Rig> {
  let mode: Mode = 'forward';
  const sockets = new Set<{ close(): Promise<void> }>();
  const { page, board } = await openWindow(scene, {}, (context) =>
    context.routeWebSocket(/\/rpc$/, (socket) => {
      if (mode === 'refuse') {
        void socket.close();
        return;
      }
      const server = socket.connectToServer();
      sockets.add(socket);
      // Dialled in silence or before it: nothing passes any more on this line.
      let dead = mode === 'silent';
      const alive = (): boolean => !(dead ||= mode === 'silent');
      socket.onMessage((message) => alive() && server.send(message));
      server.onMessage((message) => alive() && socket.send(message));
    }),
  );
  const { name } = scene.platform.tenants[1]!;
  let before = '';
  return {
    pair: 'window and console',
    page,
    board,
    set(next) {
      mode = next;
      if (next !== 'refuse') return;
      for (const socket of sockets) void socket.close();
      sockets.clear();
    },
    says: /offline since \d\d:\d\d/,
    async asked(cut) {
      if (cut !== 'silent') return;
      before = await board.cap(name);
      await board.raise(name, 10);
      await expect(board.question()).toContainText('The line broke before the answer came');
    },
    async meanwhile() {
      await expect(page.getByText(/updated ([3-9]|\d\d+)(\.\d)? (s|min) ago/)).toBeVisible();
      await expect(page.getByRole('status').filter({ hasText: 'Figures below are from before' })).toBeVisible();
    },
    async afterwards(cut) {
      if (cut !== 'silent') return;
      expect(await board.cap(name), 'it never came to the database').toBe(before);
      await board.question().getByRole('button', { name: 'Ask again' }).click();
      await expect.poll(() => board.cap(name)).not.toBe(before);
    },
  };
}

const PAIRS = [
  consoleAndDatabase,
  consoleAndGateway,
  gatewayAndDatabase,
  gatewayAndRedis,
  gatewayAndProvider,
  windowAndConsole,
];

/** Milliseconds from `since` until the connection's words are these. */
async function saidAfter({ page, pair }: Rig, words: RegExp, since: number, timeout: number): Promise<number> {
  await expect.poll(() => connection(page).textContent(), { message: pair, intervals: [50], timeout }).toMatch(words);
  return Math.round(performance.now() - since);
}

/** Everything here spent something: a zero would be one that nobody vouches for. */
async function expectNoZero({ page, board, pair }: Rig, platform: TestPlatform): Promise<void> {
  for (const { name } of platform.tenants) {
    await expect(board.gauge(name), pair).not.toHaveAttribute('aria-valuetext', /^(today )?0 %/);
  }
  await expect(tile(page, 'Committed this period'), pair).not.toContainText(/\$0(\.0+)?$/);
}

for (const mode of ['refuse', 'silent'] as const) {
  test(
    mode === 'refuse'
      ? 'each pair cut for ten seconds: said, no zero, back by itself'
      : 'each pair in a black hole for ten seconds: said, no zero, back by itself',
    { tag: '@browser' },
    async ({ platform, browser }) => {
      test.setTimeout(120_000);
      const closers: Closers = [];
      try {
        // Everybody spends something today, so that a zero is a wrong one.
        for (const tenant of platform.tenants) expect((await callGateway(platform, tenant)).status).toBe(200);
        const rigs: Rig[] = [];
        for (const open of PAIRS) rigs.push(await open({ platform, browser, closers }));
        for (const rig of rigs) await saidAfter(rig, /live/, 0, LIVE_WITHIN_MS);

        const cutAt = performance.now();
        for (const rig of rigs) rig.set(mode);
        const asked = Promise.all(rigs.map(async (rig) => rig.asked?.(mode)));
        const said = await Promise.all(rigs.map((rig) => saidAfter(rig, rig.says, cutAt, SAID_WITHIN_MS)));
        await asked;
        await Promise.all(rigs.map(async (rig) => rig.meanwhile?.(mode)));
        await Promise.all(rigs.map((rig) => expectNoZero(rig, platform)));
        await pause(Math.max(0, cutAt + CUT_MS - performance.now()));
        for (const rig of rigs) {
          expect(await connection(rig.page).textContent(), rig.pair).toMatch(rig.says);
          await test
            .info()
            .attach(`${rig.pair} ${mode}`, { body: await rig.page.screenshot(), contentType: 'image/png' });
        }

        const healedAt = performance.now();
        for (const rig of rigs) rig.set('forward');
        const live = await Promise.all(rigs.map((rig) => saidAfter(rig, / · live$/, healedAt, LIVE_WITHIN_MS)));
        await Promise.all(rigs.map((rig) => expectNoZero(rig, platform)));
        for (const rig of rigs) {
          await expect(rig.page.getByRole('status').filter({ hasText: /since \d\d:\d\d/ })).toHaveCount(0);
        }
        await Promise.all(rigs.map(async (rig) => rig.afterwards?.(mode)));
        for (const [index, { pair }] of rigs.entries()) {
          const description = `${pair}, ${mode}: said after ${said[index]} ms, live ${live[index]} ms after the end`;
          test.info().annotations.push({ type: 'measured', description });
        }
      } finally {
        for (let close = closers.pop(); close; close = closers.pop()) await close();
      }
    },
  );
}
