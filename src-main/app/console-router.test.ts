import { createRouterClient } from '@orpc/server';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { LinkState, SessionState } from '../contract/session.ts';
import { createStateFeed, type WritableStateFeed } from '../infra/state-feed.ts';
import { createPulse } from '../session/pulse.ts';
import { createFakeClock, type FakeClock } from '../testing/fake-clock.ts';
import { createFakeLogger, type FakeLogger } from '../testing/fake-logger.ts';
import { createConsoleRouter } from './console-router.ts';
import type { Workspace } from './create-workspace.ts';
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
const UNASKED = {} as Pick<Parameters<typeof createConsoleRouter>[0], 'vaultAccess' | 'profiles' | 'desk'>;

function open() {
  const pulse = createPulse(clock);
  return createRouterClient(createConsoleRouter({ log, pulse, workspace: () => place.find(), ...UNASKED }), {
    context: {},
  });
}

/** A workspace of which only the session is asked. */
function workspaceOf(name: string): Workspace & { readonly feed: WritableStateFeed<SessionState> } {
  const link: LinkState = { state: 'live', since: clock.now(), reason: null };
  const feed = createStateFeed<SessionState>({
    profile: { name, kind: 'local', colour: 'teal' },
    shell: 'browser',
    version: '1',
    operator: null,
    database: link,
    gateway: link,
    gatewayDatabase: null,
    redis: null,
    gateways: [],
    providersAway: [],
  });
  const session = { watch: (signal?: AbortSignal) => feed.watch(signal) };
  return { feed, services: { session } as unknown as Workspace['services'], close: async () => undefined };
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
