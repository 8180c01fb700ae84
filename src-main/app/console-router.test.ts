import { createRouterClient } from '@orpc/server';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { LinkState, SessionState } from '../contract/session.ts';
import { createKnownSecrets } from '../infra/known-secrets.ts';
import { OperatorError } from '../infra/operator-error.ts';
import { createRefreshGate } from '../infra/refresh-gate.ts';
import { createStateFeed, type WritableStateFeed } from '../infra/state-feed.ts';
import type { OfflineAccess } from '../session/offline-access.ts';
import { createPulse } from '../session/pulse.ts';
import { createFakeClock, type FakeClock } from '../testing/fake-clock.ts';
import { createFakeLogger, type FakeLogger } from '../testing/fake-logger.ts';
import { fakeSession } from '../testing/fake-session.ts';
import { createConsoleRouter } from './console-router.ts';
import type { Workspace } from './create-workspace.ts';
import { createWorkUnderWay } from './work-under-way.ts';
import { createWorkspacePlace, type WorkspacePlace } from './workspace-place.ts';

let clock: FakeClock;
let log: FakeLogger;
let place: WorkspacePlace;

beforeEach(() => {
  clock = createFakeClock();
  log = createFakeLogger();
  place = createWorkspacePlace();
});
afterEach(() => expect(log.lines, 'a refusal is no defect').toEqual([]));

/** Of the vault and the profiles nothing is asked here. */
const UNASKED = {} as Pick<
  Parameters<typeof createConsoleRouter>[0],
  'vaultAccess' | 'profiles' | 'desk' | 'welcome' | 'shell'
>;

function open() {
  const pulse = createPulse(clock);
  return createRouterClient(
    createConsoleRouter({
      log,
      secrets: createKnownSecrets(),
      work: createWorkUnderWay(),
      pulse,
      now: () => clock.now(),
      workspace: () => place.find(),
      ...UNASKED,
    }),
    {
      context: {},
    },
  );
}

/** A workspace of which only the session is asked. */
function workspaceOf(name: string): Workspace & {
  readonly feed: WritableStateFeed<SessionState>;
  readonly database: WritableStateFeed<LinkState>;
  readonly access: WritableStateFeed<OfflineAccess>;
} {
  const feed = createStateFeed(fakeSession(clock.now(), { profile: { name, kind: 'local', colour: 'teal' } }));
  const database = createStateFeed(feed.get().database);
  const access = createStateFeed<OfflineAccess>({ state: 'waiting' });
  const session = { watch: (signal?: AbortSignal) => feed.watch(signal) };
  return {
    feed,
    database,
    access,
    gate: createRefreshGate(database),
    services: { session } as unknown as Workspace['services'],
    close: async () => undefined,
  };
}

it('refuses what is about a platform while none is open, before it reads the input', async () => {
  const client = open();
  const refused = { code: 'UNAUTHORIZED', message: 'No platform is connected.' };
  await expect(client.board.watch()).rejects.toMatchObject(refused);
  await expect(client.caps.overrides({ tenantId: 'no id', capId: '' })).rejects.toMatchObject(refused);
  await place.close('The console is locked.');
  await expect(client.session.watch()).rejects.toMatchObject({
    code: 'UNAUTHORIZED',
    message: 'The console is locked.',
  });
});

it('beats all the same', async () => {
  const stream = await open().session.pulse();
  expect(await stream.next()).toEqual({ done: false, value: { at: clock.now() } });
  await stream.return();
});

it('sends calls to the workspace that is open, and ends the streams of the one before, also those that wait', async () => {
  const client = open();
  const one = workspaceOf('one');
  await place.open(one);
  const stream = await client.session.watch();
  expect((await stream.next()).value).toMatchObject({ profile: { name: 'one' } });
  const waiting = stream.next();
  await place.open(workspaceOf('two'));
  expect((await waiting).done).toBe(true);
  expect(one.feed.listeners).toBe(0);
  const after = await client.session.watch();
  expect((await after.next()).value).toMatchObject({ profile: { name: 'two' } });
  await after.return();
});

it('refuses a change while the database is away, and until what is shown was read again; a read is asked for', async () => {
  const workspace = workspaceOf('one');
  const part = workspace.gate.part();
  await place.open(workspace);
  const client = open();
  const change = () => client.keys.revoke({ idempotencyKey: 'not read' } as never);
  const said = (): Promise<string> =>
    change().then(
      () => 'done',
      (error: Error) => error.message,
    );
  const link = (state: LinkState['state']): LinkState => ({ state, since: clock.now(), reason: null });
  expect(await said(), 'the input is looked at').toContain('was not understood');
  workspace.database.set(link('away'));
  await expect(change()).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringContaining('nothing waits'),
  });
  await expect(client.keys.list({} as never)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  workspace.database.set(link('live'));
  await expect(change()).rejects.toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining('just back') });
  part.begin()();
  expect(await said()).toContain('was not understood');
});

it('shows nothing while what was kept is locked, but says why', async () => {
  const workspace = workspaceOf('one');
  await place.open(workspace);
  workspace.access.set({ state: 'locked', refusal: new OperatorError('UNAUTHORIZED', 'Nine days ago.') });
  const client = open();
  await expect(client.board.watch()).rejects.toMatchObject({ code: 'UNAUTHORIZED', message: 'Nine days ago.' });
  const stream = await client.session.watch();
  expect((await stream.next()).value).toMatchObject({ profile: { name: 'one' } });
  await stream.return();
});
