import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LinkState } from '../../contract/session.ts';
import { createFakeClock, type FakeClock } from '../../testing/fake-clock.ts';
import { createFakeLogger, type FakeLogger } from '../../testing/fake-logger.ts';
import { nextState } from '../../testing/next-state.ts';
import { startScriptedGateway, type ScriptedGateway } from '../../testing/scripted-gateway.ts';
import type { LiveFrame } from './live-frame.ts';
import { createLiveStream, type LiveStream } from './live-stream.ts';

const TOKEN = 'tdo_of-this-test';

let gateway: ScriptedGateway;
let clock: FakeClock;
let log: FakeLogger;
let stream: LiveStream;
let links: AsyncGenerator<LinkState, void>;
let frames: LiveFrame[];
/** How often a wait before the next attempt was chosen. */
let waits: number;

beforeEach(async () => {
  gateway = await startScriptedGateway(TOKEN);
  clock = createFakeClock();
  log = createFakeLogger();
});

afterEach(async () => {
  await stream.close();
  expect(clock.timers, 'no timer is left behind').toBe(0);
  await gateway.close();
});

function open(gatewayToken = TOKEN): void {
  frames = [];
  waits = 0;
  const random = () => {
    waits += 1;
    return 0;
  };
  stream = createLiveStream({ gatewayUrl: gateway.url, gatewayToken, clock, log, random });
  stream.onFrame((frame) => frames.push(frame));
  links = stream.link.watch();
}

const until = (state: LinkState['state']) => nextState(links, (link) => link.state === state);

/** Waits until the frames heard satisfy the test. */
async function heard(wanted: () => boolean): Promise<void> {
  await expect.poll(wanted, { interval: 5 }).toBe(true);
}

describe('the live stream', () => {
  it('is live from the first snapshot on, and reads frames as they come', async () => {
    open();
    await until('live');
    gateway.changes([]);
    gateway.heartbeat();
    await heard(() => frames.length === 3);
    expect(frames.map((frame) => frame.type)).toEqual(['snapshot', 'changes', 'heartbeat']);
    expect(frames[0]!.at).toBeInstanceOf(Date);
  });

  it('counts as away after three silent seconds, not before, and dials again', async () => {
    open();
    await until('live');
    await clock.advance(2_900);
    gateway.heartbeat();
    await heard(() => frames.length === 2);
    await clock.advance(2_900);
    expect(stream.link.get().state).toBe('live');
    await clock.advance(200);
    expect((await until('away')).reason).toContain('ledger');
    await heard(() => gateway.open === 0);
    await clock.advance(200);
    await gateway.opened(2);
    await until('live');
  });

  it('takes its time between attempts, up to three seconds, and is quick again after a success', async () => {
    gateway.status(503);
    open();
    for (const [before, wait] of [200, 400, 800, 1600, 3000, 3000].entries()) {
      await heard(() => waits === before + 1);
      await clock.advance(wait - 1);
      expect(waits).toBe(before + 1);
      await clock.advance(1);
    }
    await heard(() => waits === 7);
    expect(log.lines, 'said once').toHaveLength(1);
    gateway.status(200);
    await clock.advance(3_000);
    await until('live');
    gateway.cut();
    await until('away');
    await clock.advance(200);
    await until('live');
  });

  it.each([
    ['is no JSON', 'not json'],
    ['is of another shape', '{"type":"snapshot"}'],
    ['has money that is no integer', '{"type":"changes","at":"2026-11-20T09:00:00Z","tenants":[{"id":1}]}'],
  ])('starts over when a line %s', async (_name, line) => {
    open();
    await until('live');
    gateway.line(line);
    await until('away');
    await clock.advance(200);
    await until('live');
    expect(log.lines.every(({ level }) => level === 'warn')).toBe(true);
  });

  it('says so when its token is not accepted, waits longer, and never logs it', async () => {
    open('tdo_wrong');
    expect((await until('away')).reason).toContain('token');
    await clock.advance(9_000);
    expect(stream.link.get().state).toBe('away');
    expect(JSON.stringify(log.lines)).not.toContain('tdo_');
  });

  it('waits for a gateway that is not there, and leaves when it is closed meanwhile', async () => {
    await gateway.close();
    open();
    await until('away');
    gateway = await startScriptedGateway(TOKEN);
  });
});
