import type { BoardRow } from '../../src-main/contract/board.ts';
import { needsAttention, shareOfCap } from './board-order.ts';

/** What was typed, read: every test must hold. `problems`: a sentence for each word that could not be read. */
export interface BoardFilter {
  tests: readonly ((row: BoardRow) => boolean)[];
  problems: readonly string[];
}

/** Words that take a value, with an example for the hint. */
export const FILTER_WORDS: readonly { word: string; example: string; says: string }[] = [
  { word: 'over', example: 'over:80', says: 'at least 80 % of the cap is committed' },
  { word: 'under', example: 'under:50', says: 'less than 50 % of the cap is committed' },
  { word: 'plan', example: 'plan:pro', says: 'on that plan' },
  { word: 'zone', example: 'zone:kolkata', says: 'in that time zone' },
  { word: 'state', example: 'state:refusing', says: 'refusing, near, runs-out, unknown, suspended, normal' },
  { word: 'refused', example: 'refused', says: 'calls were refused in the last hour' },
  { word: 'attention', example: 'attention', says: 'needs an operator’s eye' },
];

const STATES: Readonly<Record<string, BoardRow['attention']>> = {
  refusing: 'refusing',
  near: 'near_cap',
  'runs-out': 'runs_out',
  unknown: 'unknown',
  suspended: 'suspended',
  normal: 'normal',
};

/**
 * Reads a typed filter: `over:80 plan:pro refused clinic`. Words are joined by and; a leading minus turns one around;
 * quotes hold a text with spaces together. Never throws: what it cannot read is told and left out.
 */
export function parseFilter(text: string): BoardFilter {
  const tests: ((row: BoardRow) => boolean)[] = [];
  const problems: string[] = [];
  for (const token of text.match(/[^\s"]*"[^"]*"?|\S+/g) ?? []) {
    const turned = token.length > 1 && token.startsWith('-');
    const word = (turned ? token.slice(1) : token).replaceAll('"', '');
    if (word === '') continue;
    const test = read(word, problems);
    if (test) tests.push(turned ? (row) => !test(row) : test);
  }
  return { tests, problems };
}

export function matches(row: BoardRow, filter: BoardFilter): boolean {
  return filter.tests.every((test) => test(row));
}

function read(word: string, problems: string[]): ((row: BoardRow) => boolean) | null {
  const colon = word.indexOf(':');
  if (colon < 1) return readAlone(word.toLowerCase());
  const name = word.slice(0, colon).toLowerCase();
  const value = word.slice(colon + 1).toLowerCase();
  switch (name) {
    case 'over':
    case 'under':
      return readShare(name, value, problems);
    case 'plan':
      if (value === '') return problem(problems, 'plan: wants the name of a plan, like plan:pro.');
      return (row) => row.plan.toLowerCase() === value;
    case 'zone':
      if (value === '') return problem(problems, 'zone: wants a part of a time zone, like zone:kolkata.');
      return (row) => row.timeZone.toLowerCase().includes(value);
    case 'state':
      return readState(value, problems);
    default:
      return problem(problems, `“${name}:” is not known. Known are over: under: plan: zone: state:`);
  }
}

function readAlone(word: string): (row: BoardRow) => boolean {
  if (word === 'refused') return (row) => (row.refusedLastHour ?? 0) > 0;
  if (word === 'attention') return needsAttention;
  return (row) => row.name.toLowerCase().includes(word) || row.slug.includes(word);
}

function readShare(name: 'over' | 'under', value: string, problems: string[]): ((row: BoardRow) => boolean) | null {
  if (!/^\d{1,6}(\.\d{1,3})?%?$/.test(value)) {
    return problem(problems, `${name}: wants a percentage of the cap, like ${name}:80.`);
  }
  const perMille = Math.round(Number.parseFloat(value) * 10);
  return (row) => {
    const share = shareOfCap(row);
    return share !== null && (name === 'over' ? share >= perMille : share < perMille);
  };
}

function readState(value: string, problems: string[]): ((row: BoardRow) => boolean) | null {
  const state = Object.hasOwn(STATES, value) ? STATES[value] : undefined;
  if (state === undefined) return problem(problems, `state: wants one of ${Object.keys(STATES).join(', ')}.`);
  return (row) => row.attention === state;
}

function problem(problems: string[], sentence: string): null {
  problems.push(sentence);
  return null;
}
