import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { Random } from '../../../src-platform/local/seeded-random.ts';
import { createHostileMessages, type HostileMessage } from './hostile-messages.ts';
import type { HostileLine, HostileShell } from './hostile-lines.ts';

export interface HostileRun {
  readonly shell: HostileShell;
  readonly messages: number;
  readonly random: Random;
  readonly broken: (sentence: string) => void;
  readonly goOn: () => void;
}

export interface HostileCounts {
  readonly sent: number;
  /** Messages by kind. */
  readonly kinds: Readonly<Record<string, number>>;
  readonly hungUp: number;
}

const answer = z.object({
  i: z.string(),
  t: z.number().optional(),
  p: z.object({ s: z.number().optional() }).optional(),
});
/** What shows that something fell over, or tells of our insides. */
const DEFECT = /INTERNAL|node_modules|at \S+\.ts:|password authentication|SELECT |select .+ from /;
const PATIENCE_MS = 20_000;
const TOGETHER = 40;
/** Of one kind that was broken, so many are told. */
const MOST_TOLD = 5;

/** Sends so many messages over one shell's lines, and judges what becomes of each. */
export async function sendHostile({ shell, messages, random, broken, goOn }: HostileRun): Promise<HostileCounts> {
  const next = createHostileMessages(random, shell.carries);
  const kinds: Record<string, number> = {};
  const told: Record<string, number> = {};
  const waiting = new Map<string, { readonly message: HostileMessage; readonly done: () => void }>();
  let hungUp = 0;
  const tell = (message: HostileMessage, what: string): void => {
    told[message.kind] = (told[message.kind] ?? 0) + 1;
    if ((told[message.kind] ?? 0) <= MOST_TOLD) {
      broken(`${shell.name}: ${message.kind} ${what}: ${String(message.data).slice(0, 400)}`);
    }
  };
  const hear = (text: string): void => {
    const { i: id, p } = answer.parse(JSON.parse(text));
    const asked = waiting.get(id);
    if (!asked) return;
    waiting.delete(id);
    if (DEFECT.test(text)) tell(asked.message, `was answered ${text.slice(0, 300)}`);
    if (asked.message.must === 'refused' && p?.s !== 400) tell(asked.message, `was not refused: ${text.slice(0, 200)}`);
    asked.done();
  };
  let line = await shell.dial(hear);
  let isClosed = watch(line);

  function watch(dialled: HostileLine): () => boolean {
    let over = false;
    void dialled.closed.then(() => (over = true));
    return () => over;
  }
  async function redial(): Promise<void> {
    hungUp += 1;
    line = await shell.dial(hear);
    isClosed = watch(line);
  }
  /** Resolves to false when it did not come about in time. */
  async function within(work: Promise<unknown>): Promise<boolean> {
    const stopping = new AbortController();
    const late = pause(PATIENCE_MS, false, { signal: stopping.signal }).catch(() => false);
    const inTime = await Promise.race([work.then(() => true), late]);
    stopping.abort();
    return inTime;
  }

  let open: { readonly message: HostileMessage; readonly answered: Promise<void> }[] = [];
  async function settle(): Promise<void> {
    for (const { message, answered } of open) {
      const came = await within(Promise.race([answered, line.closed]));
      if (isClosed() && waiting.has(message.id)) tell(message, 'was not answered: the line was hung up');
      else if (!came) tell(message, 'was never answered');
      // What it began, if it began something, is not wanted any more.
      if (!isClosed()) line.send(JSON.stringify({ i: message.id, t: 4 }));
    }
    open = [];
    waiting.clear();
    if (isClosed()) await redial();
  }

  for (let sent = 0; sent < messages; sent += 1) {
    if (sent % 500 === 0) goOn();
    const message = next();
    kinds[message.kind] = (kinds[message.kind] ?? 0) + 1;
    if (message.must === 'closed') {
      await settle();
      line.send(message.data);
      if (await within(line.closed)) await redial();
      else tell(message, 'did not close the line');
      continue;
    }
    if (message.must === 'ignored') {
      // Perhaps one that is being answered: then no answer has to come any more.
      waiting.get(message.id)?.done();
      waiting.delete(message.id);
    } else {
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.set(message.id, { message, done: resolve });
      open.push({ message, answered: promise });
    }
    line.send(message.data);
    if (open.length >= TOGETHER) await settle();
  }
  await settle();
  line.end();
  return { sent: messages, kinds, hungUp };
}
