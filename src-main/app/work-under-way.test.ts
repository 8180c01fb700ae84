import { createRouterClient, os } from '@orpc/server';
import { expect, it } from 'vitest';
import { countingWork, createWorkUnderWay } from './work-under-way.ts';

const KEY = { idempotencyKey: '00000000-0000-4000-8000-000000000001' };

function make() {
  const work = createWorkUnderWay();
  const counted = os.use(countingWork(work));
  const gate = Promise.withResolvers<string>();
  async function* two() {
    yield 1;
    yield 2;
  }
  const client = createRouterClient(
    {
      caps: { set: counted.handler(() => gate.promise), read: counted.handler(() => gate.promise) },
      vault: { lock: counted.handler(() => gate.promise) },
      audit: { verify: counted.handler(two), watch: counted.handler(two) },
    },
    { context: {} },
  );
  return { work, gate, client };
}
type Client = ReturnType<typeof make>['client'];

it.each([
  ['a change', (client: Client) => client.caps.set(KEY as never), true],
  ['what is written into the vault', (client: Client) => client.vault.lock(), true],
  ['a reading', (client: Client) => client.caps.read(), false],
])('%s counts until it is answered, or never', async (_name, call, counts) => {
  const { work, gate, client } = make();
  const answer = call(client);
  await new Promise(setImmediate);
  expect(work.isAny()).toBe(counts);
  gate.resolve('done');
  await answer;
  expect(work.isAny()).toBe(false);
});

it('a change that fails is over', async () => {
  const { work, gate, client } = make();
  gate.reject(new Error('refused'));
  await expect(client.caps.set(KEY as never)).rejects.toThrow('refused');
  expect(work.isAny()).toBe(false);
});

it('a check counts until its last state was read, or its reader leaves', async () => {
  const { work, client } = make();
  const read = await client.audit.verify();
  expect(work.isAny()).toBe(true);
  for await (const state of read) expect([state, work.isAny()]).toEqual([state, true]);
  expect(work.isAny()).toBe(false);
  const left = await client.audit.verify();
  await left.next();
  await left.return();
  expect(work.isAny()).toBe(false);
});

it('what the window watches is no work', async () => {
  const { work, client } = make();
  const watched = await client.audit.watch();
  await watched.next();
  expect(work.isAny()).toBe(false);
});
