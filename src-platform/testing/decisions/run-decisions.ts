import { integerBetween, seededRandom } from '../../local/seeded-random.ts';
import { makeGateway } from '../factories.ts';
import type { TestDatabase } from '../test-database.ts';
import { makeTeam, NANO, type Found, type Ground, type Team } from './decision-team.ts';
import { isAlone, type Command } from './command.ts';
import { decide } from './desk-model.ts';
import { newDesk, type Desk, type Outcome } from './desk.ts';
import { randomStep } from './random-step.ts';

export interface DecisionRun {
  readonly db: TestDatabase;
  readonly sequences: number;
  readonly seed: string;
  /** Asked before each sequence; throws to end the run. */
  readonly goOn?: () => void;
  readonly say?: (line: string) => void;
}

/** What was done that must not be, or not done that must be. */
export interface Wrong {
  readonly kind: Found['kind'] | 'stale' | 'twice' | 'not allowed' | 'other';
  readonly told: string;
}

export interface DecisionWork {
  readonly commands: number;
  /** Of them sent at the same time as another one. */
  readonly together: number;
  /** How often each answer was given: an error's code, `pending`, `done`. */
  readonly answers: Readonly<Record<string, number>>;
  readonly wrong: readonly Wrong[];
}

const WORKERS = 2;
/** So many broken promises end the run. */
const ENOUGH = 5;
const SAID_EVERY = 250;
const FEWEST = 4;
const MOST = 14;
const MONEY: ReadonlySet<string> = new Set(['limit', 'inForce', 'amount']);

interface Heard {
  readonly command: Command;
  readonly answer?: Readonly<Record<string, unknown>>;
  readonly error?: string;
}

/**
 * Sequences of random commands about a cap, its temporary raises, requests and waiting raises, by people of all roles and limits, some at the
 * same time. Each answer must be that of the model, of two at once in either order; at the end so must be the database.
 */
export async function runDecisions({ db, sequences, seed, goOn, say }: DecisionRun): Promise<DecisionWork> {
  const wrong: Wrong[] = [];
  const answers: Record<string, number> = {};
  let [commands, together, begun] = [0, 0, 0];
  const gatewayId = await makeGateway(db);

  async function play(team: Team, name: string): Promise<void> {
    const random = seededRandom(name);
    const first = integerBetween(random, 20, 100);
    const ground = await team.newGround(first);
    // Two at once may leave it open which was first.
    let desks: readonly Desk[] = [newDesk(first)];
    const sent: Command[] = [];
    const firstAnswers = new Map<string, string>();
    const fail = (kind: Wrong['kind'], told: string): number =>
      wrong.push({ kind, told: `${name}: ${told}\n${sent.map((command) => JSON.stringify(command)).join('\n')}` });
    for (let step = integerBetween(random, FEWEST, MOST); step > 0; step -= 1) {
      const now = randomStep(desks[0] ?? newDesk(first), sent, random);
      sent.push(...now);
      const heard = await Promise.all(now.map((command) => hear(team, ground, command)));
      commands += now.length;
      if (now.length > 1) together += now.length;
      for (const { error, answer } of heard) {
        const told = error ?? (answer?.['pending'] === true ? 'pending' : 'done');
        answers[told] = (answers[told] ?? 0) + 1;
      }
      const after = accept(desks, heard);
      if (after.length === 0) {
        const { kind, told } = explain(desks[0] ?? newDesk(first), heard);
        fail(kind, told);
        return;
      }
      desks = after;
      for (const { command, answer } of heard) {
        if (answer === undefined || command.who === 'tenant' || isAlone(command.deed)) continue;
        const place = `${command.who} ${command.key}`;
        const text = JSON.stringify(answer);
        const before = firstAnswers.get(place) ?? text;
        firstAnswers.set(place, before);
        if (before !== text) fail('twice', `the same key was answered ${before}, then ${text}`);
      }
    }
    for (const { kind, told } of await team.compare(ground, desks)) fail(kind, told);
  }

  await Promise.all(
    Array.from({ length: Math.min(WORKERS, sequences) }, async () => {
      const team = await makeTeam(db, gatewayId);
      while (begun < sequences && wrong.length < ENOUGH) {
        goOn?.();
        begun += 1;
        if (begun % SAID_EVERY === 0) say?.(`${begun} of ${sequences} sequences, ${commands} commands`);
        await play(team, `${seed}/${begun}`);
      }
    }),
  );
  return { commands, together, answers, wrong };
}

async function hear(team: Team, ground: Ground, command: Command): Promise<Heard> {
  try {
    return { command, answer: { ...(await team.send(ground, command)) } };
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === undefined) throw error;
    return { command, error: code };
  }
}

/** The desks that may be there after what was heard; none: the model can't tell it so in any order. */
function accept(desks: readonly Desk[], heard: readonly Heard[]): Desk[] {
  const orders = heard.length > 1 ? [heard, heard.toReversed()] : [heard];
  const after = desks.flatMap((desk) => orders.flatMap((order) => follow(desk, order) ?? []));
  return [...new Map(after.map((desk) => [JSON.stringify(desk), desk])).values()];
}

function follow(desk: Desk, order: readonly Heard[]): Desk | undefined {
  let after = desk;
  for (const one of order) {
    const { outcome, desk: next } = decide(after, one.command);
    if (!agrees(outcome, one)) return undefined;
    after = next;
    if (outcome.error !== undefined) continue;
    for (const [name, list, field] of NAMED) {
      const place = outcome[name];
      const thing = place === undefined ? undefined : after[list][place];
      if (thing === undefined) continue;
      const id = one.answer?.[field];
      if (typeof id !== 'string' || (thing.id !== '' && thing.id !== id)) return undefined;
      thing.id = id;
    }
  }
  return after;
}

const NAMED = [
  ['raise', 'raises', 'pendingId'],
  ['request', 'requests', 'requestId'],
  ['override', 'overrides', 'overrideId'],
] as const;

function agrees(outcome: Outcome, { error, answer }: Heard): boolean {
  if (outcome.error !== undefined) return outcome.error === error;
  return (
    answer !== undefined &&
    (answer['pending'] === true) === (outcome.fields['pending'] === true) &&
    Object.entries(outcome.fields).every(
      ([name, wanted]) => answer[name] === (MONEY.has(name) ? Number(wanted) * Number(NANO) : wanted),
    )
  );
}

function explain(desk: Desk, heard: readonly Heard[]): Wrong {
  const told: string[] = [];
  let kind: Wrong['kind'] = 'other';
  let after = desk;
  for (const one of heard) {
    const { outcome, desk: next } = decide(after, one.command);
    after = next;
    if (agrees(outcome, one)) continue;
    told.push(`${JSON.stringify(outcome)} was due, ${one.error ?? JSON.stringify(one.answer)} was heard`);
    if (one.answer !== undefined) kind = kindOf(outcome, one.command);
  }
  return { kind, told: told.join('; ') };
}

/** Of something that was done and should not have been, or otherwise. */
function kindOf(outcome: Outcome, { deed }: Command): Wrong['kind'] {
  if (outcome.error === undefined) return outcome.fields['pending'] === true ? 'split raise' : 'other';
  if (outcome.error === 'TD409') return 'stale';
  if (outcome.error === 'TD422') return 'twice';
  return deed.does === 'confirm' || deed.does === 'approve' ? 'self-approved' : 'not allowed';
}
