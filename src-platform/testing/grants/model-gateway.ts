import { randomUUID } from 'node:crypto';
import { integerBetween, weightedPick, type Random } from '../../local/seeded-random.ts';
import type { GrantDesk, TakeAnswer } from '../grant-desk.ts';
import { ledgerRecord, type LedgerRecord } from '../ledger-record.ts';

/** Carries a message to the database. Rejects as the function refuses; a message that was killed on its way is sent again. */
export type Carry = <T>(call: () => Promise<T>, kill: boolean) => Promise<T>;

/** One gateway's dealings with one tenant, as small as they can be: what it was told, what it spent, what the ledger doesn't have yet. */
export interface ModelGateway {
  /** One message at most. @returns how many were sent. */
  step(): Promise<number>;
  /** Gives back what is idle. */
  recall(): Promise<void>;
  /** Until everything late has arrived and all that was spent is in the ledger. */
  rest(): Promise<void>;
  /** What it was told of its grant; null: it has none. */
  believes(): { readonly grantId: string; readonly amount: number; readonly spent: number } | null;
  readonly totals: {
    /** Of all calls, and by how much they passed their bounds, since the last look. */
    spent: number;
    over: number;
    messages: number;
  };
  /** Answers that must not be. */
  readonly wrong: string[];
}

const FATES = [
  ['heard', 80],
  ['twice', 7],
  ['given up', 10],
  ['killed', 0.5],
] as const;
const DEEDS = [
  ['call', 46],
  ['take', 22],
  ['release', 10],
  ['ingest', 16],
  ['close', 4],
  ['die', 2],
] as const;
/** So many steps later a message may arrive that nobody waits for. */
const LATEST = 6;
const MOST_RECORDS = 12;

export function createModelGateway(desk: GrantDesk, tenantId: string, random: Random, carry: Carry): ModelGateway {
  let grantId = randomUUID();
  let [opened, amount, spent, turn] = [false, 0, 0, 0];
  let outbox: LedgerRecord[] = [];
  let sentBefore: LedgerRecord[] = [];
  let late: { steps: number; readonly arrive: () => Promise<unknown> }[] = [];
  const totals = { spent: 0, over: 0, messages: 0 };
  const wrong: string[] = [];

  /** Its answer; undefined: nobody waits for it any more, or it heard that it came too late. */
  async function send<T>(message: () => Promise<T>): Promise<T[] | undefined> {
    const [fate] = weightedPick(random, FATES, ([, weight]) => weight);
    const carried = (kill = false): Promise<T | undefined> =>
      carry(message, kill).catch((error: unknown) => {
        if ((error as { code?: string }).code !== 'TD409') wrong.push(String(error));
        return undefined;
      });
    totals.messages += fate === 'twice' ? 2 : 1;
    if (fate === 'given up') {
      late.push({ steps: integerBetween(random, 0, LATEST), arrive: () => carried() });
      return undefined;
    }
    const answers = fate === 'twice' ? await Promise.all([carried(), carried()]) : [await carried(fate === 'killed')];
    return answers.some((answer) => answer === undefined) ? [] : answers.filter((answer) => answer !== undefined);
  }

  async function arrive(within: number): Promise<void> {
    const now = late.filter(({ steps }) => steps <= within);
    late = late.filter((message) => !now.includes(message));
    for (const message of late) message.steps -= 1;
    await Promise.all(now.map((message) => message.arrive()));
  }

  const fresh = (): void => {
    grantId = randomUUID();
    [opened, amount, spent, turn] = [false, 0, 0, 0];
  };

  function call(): void {
    const bound = integerBetween(random, 1, 60);
    if (spent + bound > amount) return;
    const over = random() < 0.01 ? integerBetween(random, 1, 20) : 0;
    const cost = over > 0 ? bound + over : integerBetween(random, 0, bound);
    spent += cost;
    totals.spent += cost;
    totals.over += over;
    outbox.push(ledgerRecord(tenantId, { cost_nanousd: cost, grant_id: grantId }));
  }

  async function take(): Promise<void> {
    const need = spent + integerBetween(random, 1, 60);
    const ask = { tenantId, grantId, need, want: need + integerBetween(random, 0, 300), turn: (turn += 1) };
    opened = true;
    const answers = await send<TakeAnswer>(() => desk.take(ask));
    if (answers === undefined) return;
    // Too late or closed: a new grant; the old one is given back as it is.
    if (answers.length === 0) return close();
    const before = amount;
    for (const told of answers) {
      if (told.amount < before) wrong.push(`told of ${before}, then of ${told.amount}`);
      amount = Math.max(amount, told.amount);
      if (told.granted && told.amount < need) wrong.push(`granted ${told.amount}, ${need} was needed`);
    }
  }

  async function release(total: number, shut: boolean): Promise<void> {
    if (!opened) return;
    const message = [tenantId, grantId, total, shut, (turn += 1)] as const;
    amount = Math.min(amount, total);
    await send(() => desk.release(...message));
  }

  async function close(): Promise<void> {
    await release(spent, true);
    fresh();
  }

  async function ingest(): Promise<void> {
    const batch = outbox.slice(0, MOST_RECORDS);
    const again = sentBefore.slice(0, integerBetween(random, 0, 3));
    if (batch.length + again.length === 0) return;
    const answers = await send(() => desk.ingest({ records: [...batch, ...again] }));
    if (answers === undefined || answers.length === 0) return;
    outbox = outbox.filter((record) => !batch.includes(record));
    sentBefore = [...batch, ...sentBefore].slice(0, MOST_RECORDS);
  }

  async function rest(): Promise<void> {
    while (outbox.length > 0) await ingest();
    await arrive(LATEST);
  }

  /** kill -9 and a new start: what it was told is gone, its journal is not; what it held is closed at what the ledger has. */
  async function die(): Promise<void> {
    const mine = grantId;
    const was = opened;
    fresh();
    await rest();
    if (was) await carry(() => desk.release(tenantId, mine, 0, true), false).catch(unlessUnopened);
  }
  const unlessUnopened = (error: { code?: string; message: string }): void => {
    if (error.code !== 'TD404') wrong.push(error.message);
  };

  return {
    totals,
    wrong,
    rest,
    recall: () => release(spent, false),
    believes: () => (opened ? { grantId, amount, spent } : null),
    step: async () => {
      const before = totals.messages;
      await arrive(0);
      const [deed] = weightedPick(random, DEEDS, ([, weight]) => weight);
      if (deed === 'call') call();
      else if (deed === 'take') await take();
      else if (deed === 'release') await release(spent + integerBetween(random, 0, 40), false);
      else if (deed === 'ingest') await ingest();
      else if (deed === 'close') await close();
      else await die();
      return totals.messages - before;
    },
  };
}
