import { describe, expect, it } from 'vitest';
import { OperatorError, PlatformRefusal } from '../operator-error.ts';
import { toOperatorError } from './database-error.ts';

function sqlError(code: string, message = 'inner words of PostgreSQL', detail?: string): Error {
  return Object.assign(new Error(message), { code, detail });
}

describe('what the database says', () => {
  it.each([
    ['TD400', 'BAD_REQUEST'],
    ['TD403', 'FORBIDDEN'],
    ['TD404', 'NOT_FOUND'],
    ['TD409', 'CONFLICT'],
    ['TD422', 'BAD_REQUEST'],
  ])('%s is %s in the platform’s own sentence', (sqlState, code) => {
    const error = toOperatorError(sqlError(sqlState, 'You may raise by 500 USD a day.', '{"a":1}'));
    expect(error).toBeInstanceOf(PlatformRefusal);
    expect(error).toMatchObject({ code, message: 'You may raise by 500 USD a day.', detail: '{"a":1}' });
  });

  it.each([
    ['42501', 'FORBIDDEN'],
    ['28P01', 'UNAUTHORIZED'],
    ['28000', 'UNAUTHORIZED'],
    ['57P01', 'UNAVAILABLE'],
    ['57P03', 'UNAVAILABLE'],
    ['57014', 'UNAVAILABLE'],
    ['53300', 'UNAVAILABLE'],
    ['08006', 'UNAVAILABLE'],
    ['ECONNREFUSED', 'UNAVAILABLE'],
    ['ECONNRESET', 'UNAVAILABLE'],
  ])('%s is %s in a sentence of ours', (sqlState, code) => {
    const error = toOperatorError(sqlError(sqlState));
    expect(error).toMatchObject({ code });
    expect(error).toHaveProperty('message', expect.not.stringContaining('inner words'));
  });

  it.each([
    'Query read timeout',
    'Connection terminated unexpectedly',
    'Cannot use a pool after calling end on the pool',
    'timeout expired',
    'timeout exceeded when trying to connect',
  ])('"%s" means that it is away', (message) => {
    expect(toOperatorError(new Error(message))).toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('leaves defects as they are', () => {
    for (const defect of [
      sqlError('42P01'),
      sqlError('22P02'),
      sqlError('XX000'),
      new TypeError('x is not a function'),
    ]) {
      expect(toOperatorError(defect)).toBe(defect);
    }
  });

  it('leaves what was said already', () => {
    const said = new OperatorError('NOT_FOUND', 'There is no such tenant.');
    expect(toOperatorError(said)).toBe(said);
  });
});
