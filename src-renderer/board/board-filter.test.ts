import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matches, parseFilter } from './board-filter.ts';
import { boardRow } from './board-row.fixture.ts';

const clinic = boardRow({ name: 'Clinic B', percent: 87, plan: 'pro', timeZone: 'Asia/Kolkata', refusedLastHour: 3 });
const salon = boardRow({ name: 'Salon A', percent: 12, plan: 'free', timeZone: 'Asia/Kolkata' });
const hidden = boardRow({
  name: 'Harbor Dental',
  percent: null,
  plan: 'pro',
  timeZone: 'America/New_York',
  attention: 'unknown',
});

function found(text: string): string[] {
  const filter = parseFilter(text);
  return [clinic, salon, hidden].filter((row) => matches(row, filter)).map(({ name }) => name);
}

describe('the typed filter', () => {
  it.each([
    ['', ['Clinic B', 'Salon A', 'Harbor Dental']],
    ['over:80', ['Clinic B']],
    ['over:87%', ['Clinic B']],
    ['over:87.1', []],
    ['under:50', ['Salon A']],
    ['plan:pro', ['Clinic B', 'Harbor Dental']],
    ['over:80 plan:pro refused clinic', ['Clinic B']],
    ['zone:kolkata', ['Clinic B', 'Salon A']],
    ['state:unknown', ['Harbor Dental']],
    ['attention', ['Harbor Dental']],
    ['-plan:free', ['Clinic B', 'Harbor Dental']],
    ['-refused', ['Salon A', 'Harbor Dental']],
    ['"clinic b"', ['Clinic B']],
    ['SALON', ['Salon A']],
  ])('%j finds %j', (text, names) => {
    expect(found(text)).toEqual(names);
  });

  it('never takes an unknown share for a small one', () => {
    expect(found('under:100')).toEqual(['Clinic B', 'Salon A']);
  });

  it.each([
    ['over:abc', /percentage/],
    ['over:', /percentage/],
    ['ovr:80', /“ovr:” is not known/],
    ['state:red', /state: wants one of/],
    ['state:constructor', /state: wants one of/],
    ['plan:', /name of a plan/],
  ])('says what it cannot read in %j, and filters by the rest', (text, sentence) => {
    expect(parseFilter(text).problems.join(' ')).toMatch(sentence);
    expect(found(`${text} salon`)).toEqual(['Salon A']);
  });

  it('reads anything that can be typed', () => {
    fc.assert(fc.property(fc.string(), (text) => Array.isArray(found(text))));
  });
});
