import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { MAX_OPEN_CALLS } from '../../../src-main/app/window-lines.ts';
import type { Random } from '../../../src-platform/local/seeded-random.ts';
import type { HostileShell } from './hostile-lines.ts';

export interface FrameAttacks {
  readonly shell: HostileShell;
  readonly rounds: number;
  readonly random: Random;
  readonly broken: (sentence: string) => void;
}

const PATIENCE_MS = 20_000;
const WATCHED = [
  '/session/watch',
  '/board/watch',
  '/requests/watch',
  '/alerts/watch',
  '/audit/memory',
  '/profiles/watch',
  '/session/pulse',
];
const watching = (id: string, path: string): string => `{"i":"${id}","p":{"u":"${path}","b":{}}}`;

/** A client's frame: masked, of that opcode. `claims`: the length that it says it has. */
function frame(
  opcode: number,
  payload: Buffer,
  { fin = true, masked = true, reserved = 0, claims = payload.length } = {},
): Buffer {
  const first = (fin ? 0x80 : 0) | (reserved << 4) | opcode;
  const length = Buffer.alloc(9);
  length[0] = (masked ? 0x80 : 0) | 127;
  length.writeBigUInt64BE(BigInt(claims), 1);
  const mask = masked ? Buffer.alloc(4) : Buffer.alloc(0);
  return Buffer.concat([Buffer.from([first]), length, mask, payload]);
}

const text = Buffer.from('{"i":"1"');
/** Frames that break the rules of the protocol, each of which ends the line. */
const BROKEN_FRAMES: readonly (() => Buffer)[] = [
  () => frame(1, text, { masked: false }),
  () => frame(1, text, { reserved: 4 }),
  () => frame(3, text),
  () => frame(15, text),
  () => frame(0, text),
  () => frame(9, Buffer.alloc(200)),
  () => frame(9, text, { fin: false }),
  () => frame(1, Buffer.from([0xff, 0xfe, 0xc0, 0x80])),
  () => frame(1, Buffer.from([0xed, 0xa0, 0x80])),
  () => frame(1, text, { claims: 2 ** 40 }),
  () => frame(1, text, { claims: Number.MAX_SAFE_INTEGER }),
  () => frame(1, Buffer.alloc(262_145, 0x61)),
  () => Buffer.concat([frame(1, text, { fin: false }), frame(1, text)]),
  () => frame(8, Buffer.from([0x00])),
  () => Buffer.concat([frame(1, Buffer.alloc(200_000, 0x61), { fin: false }), frame(0, Buffer.alloc(200_000, 0x61))]),
];

/** Half and broken frames, and floods of streams. @returns how many messages that were. */
export async function frameAttacks({ shell, rounds, random, broken }: FrameAttacks): Promise<number> {
  let sent = 0;
  async function hangsUp(what: string, closed: Promise<void>): Promise<void> {
    const late = Symbol('late');
    const stopping = new AbortController();
    const came = await Promise.race([closed, pause(PATIENCE_MS, late, { signal: stopping.signal }).catch(() => late)]);
    stopping.abort();
    if (came === late) broken(`${shell.name}: ${what} did not close the line`);
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, make] of BROKEN_FRAMES.entries()) {
      const line = await shell.dial(() => undefined);
      if (!line.sendRaw) {
        line.end();
        break;
      }
      line.sendRaw(make());
      await hangsUp(`broken frame ${index}`, line.closed);
      // The same in half, with the line cut behind it.
      const half = await shell.dial(() => undefined);
      const bytes = make();
      half.sendRaw?.(bytes.subarray(0, Math.floor(random() * Math.min(bytes.length, 400))));
      half.end();
      await half.closed;
      sent += 2;
    }

    // More streams than a window has: the line goes, and all of them with it.
    const flood = await shell.dial(() => undefined);
    const total = MAX_OPEN_CALLS + 1;
    for (let id = 0; id < total; id += 1) flood.send(watching(`s${id}`, WATCHED[id % WATCHED.length]!));
    await hangsUp('a flood of streams', flood.closed);

    // Opened and given up at once, the same ids again and again.
    const answered = Promise.withResolvers<void>();
    const churn = await shell.dial((heard) => void (heard.includes('"last"') && answered.resolve()));
    for (let turn = 0; turn < total; turn += 1) {
      churn.send(watching(`c${turn % 5}`, WATCHED[turn % WATCHED.length]!));
      churn.send(`{"i":"c${turn % 5}","t":4}`);
      if (turn % 50 === 49) await pause(5);
    }
    churn.send('{"i":"last","p":{"u":"/audit/list","b":{"json":{"limit":1}}}}');
    const came = await Promise.race([answered.promise.then(() => true), churn.closed.then(() => false)]);
    if (!came) broken(`${shell.name}: streams given up at once hung the line up`);
    // Left without a word.
    churn.end();
    sent += total * 3 + 1;
    // Noise where frames belong.
    const noise = await shell.dial(() => undefined);
    if (noise.sendRaw) {
      noise.sendRaw(randomBytes(2_000));
      noise.sendRaw(Buffer.alloc(4_000_000, 0xff));
      await hangsUp('noise', noise.closed);
    }
    noise.end();
    sent += 1;
  }
  return sent;
}
