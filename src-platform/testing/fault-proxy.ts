import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { integerBetween, type Random } from '../local/seeded-random.ts';

/** A TCP proxy on loopback that can misbehave: it stands between two parts. */
export interface FaultProxy {
  /** The address with this proxy's host and port in place of the target's. */
  readonly url: string;
  /**
   * forward: as if it were not there. refuse: cut what is open, cut what comes. silent: keep all open, pass nothing on; a connection on which
   * something was said meanwhile stays silent for ever, as it does when a router forgot it.
   */
  set(mode: 'forward' | 'refuse' | 'silent'): void;
  /** Connections from now on go there: what was there moved. */
  leadTo(targetUrl: string): void;
  /** While it forwards: now and then one of these happens to a piece of bytes. Undefined: no more. */
  torment(storm: Storm | undefined): void;
  /** From now on the target hears what is said, but its answers are cut at a random byte and both ends reset. Undefined: no more. */
  cutAnswers(random: Random | undefined): void;
  /** How often each fault happened. */
  readonly faults: Readonly<Record<Fault, number>>;
  close(): Promise<void>;
}

/**
 * delay: some 10 ms. stall: one to three seconds, longer than anybody waits. slice: in small pieces. cut: a part of it, then both ends
 * are reset. hole: the connection stays open, nothing comes through any more, and it is reset after some seconds.
 */
export type Fault = 'delay' | 'stall' | 'slice' | 'cut' | 'hole';

/** Chances from 0 to 1, for each piece of bytes. */
export type Odds = Readonly<Partial<Record<Fault, number>>>;

export interface Storm {
  readonly random: Random;
  readonly odds: Odds;
}

const KINDS = ['delay', 'stall', 'slice', 'cut', 'hole'] as const;
const MOST_SLICES = 8;

interface Pair {
  readonly client: Socket;
  readonly upstream: Socket;
  swallowing: boolean;
}

export async function startFaultProxy(targetUrl: string): Promise<FaultProxy> {
  let target = new URL(targetUrl);
  const pairs = new Set<Pair>();
  const faults = { delay: 0, stall: 0, slice: 0, cut: 0, hole: 0 };
  let mode: 'forward' | 'refuse' | 'silent' = 'forward';
  let storm: Storm | undefined;
  let cutting: Random | undefined;

  const reset = (pair: Pair): void => {
    pairs.delete(pair);
    for (const socket of [pair.client, pair.upstream]) if (!socket.destroyed) socket.resetAndDestroy();
  };

  function pick(): { readonly fault: Fault; readonly random: Random } | undefined {
    if (storm === undefined) return undefined;
    const { random, odds } = storm;
    let chance = random();
    for (const fault of KINDS) {
      chance -= odds[fault] ?? 0;
      if (chance < 0) return { fault, random };
    }
    return undefined;
  }

  function cutShort(pair: Pair, to: Socket, bytes: Buffer, random: Random): void {
    pair.swallowing = true;
    to.write(bytes.subarray(0, integerBetween(random, 0, bytes.length - 1)), () => reset(pair));
  }

  async function pass(pair: Pair, to: Socket, bytes: Buffer): Promise<void> {
    if (mode !== 'forward') pair.swallowing = true;
    if (pair.swallowing) return;
    if (cutting !== undefined && to === pair.client) {
      cutShort(pair, to, bytes, cutting);
      return;
    }
    const picked = pick();
    if (picked === undefined) {
      to.write(bytes);
      return;
    }
    const { fault, random } = picked;
    faults[fault] += 1;
    if (fault === 'cut') {
      cutShort(pair, to, bytes, random);
    } else if (fault === 'hole') {
      pair.swallowing = true;
      setTimeout(() => reset(pair), integerBetween(random, 500, 4_000)).unref();
    } else if (fault === 'slice') {
      const size = Math.max(1, Math.ceil(bytes.length / integerBetween(random, 2, MOST_SLICES)));
      for (let start = 0; start < bytes.length; start += size) {
        to.write(bytes.subarray(start, start + size));
        await pause(1);
      }
    } else {
      await pause(fault === 'delay' ? integerBetween(random, 1, 20) : integerBetween(random, 1_000, 3_000));
      to.write(bytes);
    }
  }

  function relay(pair: Pair, from: Socket, to: Socket): void {
    from.on('data', (bytes: Buffer) => {
      if (storm === undefined) {
        void pass(pair, to, bytes);
        return;
      }
      // One piece after the other: a late one holds up those behind it.
      from.pause();
      void pass(pair, to, bytes).then(() => from.resume());
    });
    from.on('end', () => to.end());
    from.on('error', () => reset(pair));
    from.on('close', () => {
      if (!from.readableEnded) to.destroy();
      if (pair.client.destroyed && pair.upstream.destroyed) pairs.delete(pair);
    });
  }

  const server = createServer((client) => {
    if (mode === 'refuse') {
      client.destroy();
      return;
    }
    const upstream = connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) socket.setNoDelay(true);
    const pair = { client, upstream, swallowing: false };
    pairs.add(pair);
    relay(pair, client, upstream);
    relay(pair, upstream, client);
  });
  const listening = Promise.withResolvers<void>();
  server.once('error', listening.reject);
  server.listen(0, '127.0.0.1', listening.resolve);
  await listening.promise;
  const address = server.address();
  const url = new URL(targetUrl);
  if (address !== null && typeof address === 'object') url.host = `127.0.0.1:${address.port}`;
  const cut = (): void => {
    for (const { client, upstream } of pairs) {
      client.destroy();
      upstream.destroy();
    }
    pairs.clear();
  };
  return {
    url: url.href,
    faults,
    set(next) {
      mode = next;
      if (next === 'refuse') cut();
    },
    leadTo(moved) {
      target = new URL(moved);
    },
    torment(next) {
      storm = next;
    },
    cutAnswers(random) {
      cutting = random;
    },
    async close() {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      cut();
      await closed.promise;
    },
  };
}
