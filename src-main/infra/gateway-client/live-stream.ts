/**
 * One stream of live figures from a gateway, kept open.
 *
 *   connecting ── first snapshot ──▶ live
 *   live ── stream ended, broken, or silent for 3 s (a gateway says something each second) ──▶ away
 *   away ── after a back-off ──▶ (dialled again) ── snapshot ──▶ live
 *
 * Frames before the first snapshot of a connection mean nothing and are dropped.
 */
import type { Readable } from 'node:stream';
import { Agent, request } from 'undici';
import type { LinkState } from '../../contract/session.ts';
import type { TlsTrust } from '../../contract/tls.ts';
import { createBackoff } from '../backoff.ts';
import type { Clock } from '../clock.ts';
import { createLink } from '../link.ts';
import { tlsSentence } from '../tls-connection.ts';
import type { Logger } from '../logger.ts';
import type { StateFeed } from '../state-feed.ts';
import { gatewayTls } from './gateway-tls.ts';
import { linesOf } from './lines.ts';
import { readLiveFrame, type LiveFrame } from './live-frame.ts';

export interface LiveStream {
  readonly link: StateFeed<LinkState>;
  /** Hears every frame, a snapshot first after each (re)connect; the answer stops it. */
  onFrame(hear: (frame: LiveFrame) => void): () => void;
  close(): Promise<void>;
}

export interface LiveStreamOptions {
  readonly gatewayUrl: string;
  readonly tls?: TlsTrust;
  /** The operator's own token (`tdo_…`); never logged. */
  readonly gatewayToken: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly random: () => number;
}

const RETRY = { firstMs: 200, mostMs: 3_000 };
/** A refused token stays refused until somebody mends it. */
const REFUSED_RETRY_MS = 10_000;
const SILENCE_MS = 3_000;

/** The gateway answered, but not with the stream. */
class StreamRefused extends Error {
  override readonly name = 'StreamRefused';
  readonly status: number;

  constructor(status: number) {
    super(`The gateway answered with status ${status}.`);
    this.status = status;
  }
}

export function createLiveStream(options: LiveStreamOptions): LiveStream {
  const { clock, log } = options;
  const link = createLink(clock);
  const backoff = createBackoff({ ...RETRY, random: options.random });
  const agent = new Agent({
    connect: { timeout: SILENCE_MS, ...gatewayTls(options.gatewayUrl, options.tls) },
    headersTimeout: SILENCE_MS,
    bodyTimeout: 0,
    pipelining: 0,
  });
  const hearers = new Set<(frame: LiveFrame) => void>();
  const closing = new AbortController();

  async function follow(): Promise<void> {
    while (!closing.signal.aborted) {
      const problem = await readStream().then(
        () => new Error('The stream ended.'),
        (error: unknown) => error,
      );
      if (closing.signal.aborted) return;
      if (link.feed.get().state !== 'away') {
        const reason = problem instanceof Error ? problem.message : String(problem);
        log.warn('The live stream of the gateway is away; dialling until it is back.', { reason });
      }
      link.away(sentenceOf(problem, options));
      await pause(isRefused(problem) ? REFUSED_RETRY_MS : backoff.next());
    }
  }

  async function readStream(): Promise<void> {
    const silence = new AbortController();
    const signal = AbortSignal.any([silence.signal, closing.signal]);
    let cancelWatchdog = watch();
    function watch(): () => void {
      return clock.after(SILENCE_MS, () => silence.abort(new Error(`Nothing was heard for ${SILENCE_MS / 1000} s.`)));
    }
    let body: Readable | undefined;
    try {
      const answer = await request(new URL('/admin/v1/live', options.gatewayUrl), {
        dispatcher: agent,
        headers: { authorization: `Bearer ${options.gatewayToken}`, accept: 'application/x-ndjson' },
        signal,
      });
      body = answer.body;
      if (answer.statusCode !== 200) throw new StreamRefused(answer.statusCode);
      let inStep = false;
      for await (const line of linesOf(body)) {
        cancelWatchdog();
        cancelWatchdog = watch();
        const frame = readLiveFrame(line);
        inStep ||= frame.type === 'snapshot';
        if (!inStep) continue;
        for (const hear of hearers) hear(frame);
        backoff.reset();
        link.live();
      }
    } finally {
      cancelWatchdog();
      body?.on('error', () => undefined).destroy();
    }
  }

  function pause(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = clock.after(ms, resolve);
    const stop = (): void => {
      cancel();
      resolve();
    };
    closing.signal.addEventListener('abort', stop, { once: true });
    return promise.finally(() => closing.signal.removeEventListener('abort', stop));
  }

  const following = follow();
  return {
    link: link.feed,
    onFrame(hear) {
      hearers.add(hear);
      return () => hearers.delete(hear);
    },
    async close() {
      closing.abort();
      link.close();
      await following;
      await agent.destroy();
    },
  };
}

function isRefused(problem: unknown): boolean {
  return problem instanceof StreamRefused && problem.status < 500 && problem.status !== 429;
}

function sentenceOf(problem: unknown, { gatewayUrl, tls }: LiveStreamOptions): string {
  const untrusted = tlsSentence(problem, new URL(gatewayUrl).hostname, tls ?? null);
  if (untrusted !== null) return `There are no live figures. ${untrusted}`;
  if (!isRefused(problem)) {
    return 'No gateway sends live figures. Spend is shown from the ledger; trying again until one does.';
  }
  return 'The gateway does not accept this operator’s token, so there are no live figures. Ask an admin for a new token.';
}
