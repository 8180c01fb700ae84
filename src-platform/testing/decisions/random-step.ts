import { randomUUID } from 'node:crypto';
import { integerBetween, weightedPick, type Random } from '../../local/seeded-random.ts';
import { isAlone, type Command, type Deed, type Person } from './command.ts';
import type { Desk } from './desk.ts';

/** Commands that are sent at once, one or two. */
export type Step = readonly Command[];

const PEOPLE: readonly (readonly [Person, number])[] = [
  ['junior', 30],
  ['senior', 30],
  ['boss', 14],
  ['manager', 10],
  ['tenant', 6],
  ['viewer', 2],
  ['stranger', 2],
];

const DEEDS: Readonly<Record<Deed['does'], number>> = {
  set: 22,
  undo: 7,
  add: 14,
  remove: 6,
  ask: 12,
  approve: 13,
  decline: 3,
  confirm: 16,
  reject: 3,
  wait: 4,
  trust: 2,
};

/**
 * What comes next at a desk, in the light of what is there: often by somebody who must not, at an old version, a command of before with
 * its key again, a key with other figures, two at the same time.
 */
export function randomStep(desk: Desk, sent: readonly Command[], random: Random): Step {
  const one = next(desk, sent, random);
  if (isAlone(one.deed) || random() >= 0.3) return [one];
  if (random() < 0.25) return [one, one];
  // The other person has the same in view: two raises, two confirmations, a change and a decision.
  const other = next(desk, sent, random);
  const same = random() < 0.5 && one.who !== 'tenant' && other.who !== 'tenant';
  if (same) return [one, { who: other.who, deed: one.deed, key: randomUUID() }];
  return isAlone(other.deed) ? [one] : [one, other];
}

function next(desk: Desk, sent: readonly Command[], random: Random): Command {
  const before = sent[integerBetween(random, 0, sent.length - 1)];
  if (before && random() < 0.12) return random() < 0.7 ? before : { ...before, deed: change(before.deed) };
  const deed = makeDeed(desk, random);
  const [who] = weightedPick(random, PEOPLE, ([, weight]) => weight);
  return { who: who === 'tenant' && deed.does !== 'ask' ? 'junior' : who, deed, key: randomUUID() };
}

const change = (deed: Deed): Deed => {
  if (deed.does === 'set') return { ...deed, limit: deed.limit + 1 };
  return deed.does === 'add' || deed.does === 'ask' ? { ...deed, amount: deed.amount + 1 } : deed;
};

function makeDeed(desk: Desk, random: Random): Deed {
  const does = weightedPick(random, Object.keys(DEEDS) as Deed['does'][], (name) => DEEDS[name]);
  const amount = integerBetween(random, 1, random() < 0.7 ? 40 : 130);
  const version = random() < 0.88 ? desk.version : Math.max(1, desk.version - 1);
  const lately = (things: readonly { readonly id: string }[]): string | undefined =>
    (random() < 0.75 ? things.at(-1) : things[integerBetween(random, 0, things.length - 1)])?.id;
  const raise: Deed = { does: 'set', limit: desk.limit + amount, version };
  switch (does) {
    case 'set':
      return random() < 0.7 ? raise : { does, limit: Math.max(0, desk.limit - amount), version };
    case 'undo':
      return { does, version };
    case 'add':
      return { does, amount, until: random() < 0.5 ? 'removed' : 'period_end', version };
    case 'ask':
      return { does, amount, reason: random() < 0.5 ? 'Busy week' : 'More guests' };
    case 'wait':
      return { does, week: random() < 0.3 };
    case 'trust':
      return { does };
    case 'remove': {
      const override = lately(desk.overrides);
      return override === undefined ? raise : { does, override };
    }
    case 'approve': {
      const request = lately(desk.requests);
      if (request === undefined) return raise;
      return {
        does,
        request,
        amount: random() < 0.7 ? null : amount,
        version: random() < 0.6 ? null : version,
      };
    }
    case 'decline': {
      const request = lately(desk.requests);
      return request === undefined ? raise : { does, request };
    }
    case 'confirm':
    case 'reject':
    default: {
      const waiting = lately(desk.raises);
      return waiting === undefined ? raise : { does, raise: waiting };
    }
  }
}
