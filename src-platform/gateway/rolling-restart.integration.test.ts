import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../testing/eventually.ts';
import type { Gateway } from './create-gateway.ts';
import { capPeriodOf, chat, knownAt, ledgerOf, makeCappedTenant, sumOf } from './testing/tenant-calls.ts';
import { createTestSite, type TestSite } from './testing/test-gateway.ts';

let site: TestSite;
beforeAll(async () => {
  site = await createTestSite();
});
afterAll(() => site?.close());

const DRAIN = { noticeMs: 3_000, patienceMs: 20_000 };
const PROBE_EVERY_MS = 50;
const CALLERS = 6;

/** What a balancer does: it asks /readyz now and then, and sends calls to whoever was ready at that time. */
class Balancer {
  readonly #ready = new Map<string, boolean>();
  #turn = 0;
  #over = false;
  readonly #probing: Promise<void>;

  constructor() {
    this.#probing = this.#probe();
  }

  add(address: string): void {
    this.#ready.set(address, false);
  }

  get ready(): readonly string[] {
    return [...this.#ready].filter(([, ready]) => ready).map(([address]) => address);
  }

  next(): string {
    const { ready } = this;
    this.#turn += 1;
    return ready[this.#turn % ready.length] ?? 'nobody is ready';
  }

  async #probe(): Promise<void> {
    while (!this.#over) {
      for (const address of this.#ready.keys()) {
        const ready = await fetch(`${address}/readyz`).then(
          ({ status }) => status === 200,
          () => false,
        );
        this.#ready.set(address, ready);
      }
      await pause(PROBE_EVERY_MS);
    }
  }

  async close(): Promise<void> {
    this.#over = true;
    await this.#probing;
  }
}

test('two gateways are restarted one after the other under load: no call fails, and none is lost or counted twice', async () => {
  const folders = [site.newFolder(), site.newFolder()];
  const start = (dataFolder: string): Promise<Gateway> => site.startGateway({ dataFolder, drain: DRAIN });
  const running = await Promise.all(folders.map(start));
  const tenant = await makeCappedTenant(site.db, 50_000_000_000n);
  const balancer = new Balancer();
  for (const { address } of running) {
    balancer.add(address);
    await knownAt(address, tenant.key);
  }
  await eventually(() => expect(balancer.ready).toHaveLength(2));

  const load = { over: false };
  const failed: string[] = [];
  let calls = 0;
  const caller = async (index: number): Promise<void> => {
    while (!load.over) {
      const stream = index % 2 === 0;
      const answer = await chat(balancer.next(), tenant.key, { script: { gapMs: 40, delayMs: 5 }, body: { stream } });
      const text = await answer.text();
      calls += 1;
      if (answer.status !== 200 || (stream && !text.includes('[DONE]'))) failed.push(`${answer.status} ${text}`);
    }
  };
  const callers = Promise.allSettled(Array.from({ length: CALLERS }, (_, index) => caller(index)));
  for (const [index, dataFolder] of folders.entries()) {
    await running[index]?.close();
    const again = await start(dataFolder);
    expect(again.id).toBe(running[index]?.id);
    running[index] = again;
    balancer.add(again.address);
    await eventually(() => expect(balancer.ready).toContain(again.address));
  }
  load.over = true;
  expect((await callers).filter(({ status }) => status === 'rejected')).toEqual([]);
  expect(failed).toEqual([]);
  await balancer.close();
  await Promise.all(running.map((gateway) => gateway.close()));

  const ledger = await ledgerOf(site.db, tenant.id);
  expect(ledger).toHaveLength(calls);
  expect(ledger.every(({ kind, outcome }) => kind === 'charge' && outcome === 'ok')).toBe(true);
  expect(sumOf(ledger)).toBe(site.provider.bill.reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0n));
  const period = await capPeriodOf(site.db, tenant.id);
  expect([period.charged, period.granted]).toEqual([sumOf(ledger), sumOf(ledger)]);
});
