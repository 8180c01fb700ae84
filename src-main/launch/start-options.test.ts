import { describe, expect, it } from 'vitest';
import { parseStartOptions, USAGE, UsageError } from './start-options.ts';

describe('the options of npm start', () => {
  it('have defaults', () => {
    expect(parseStartOptions([], '/here')).toEqual({
      help: false,
      smoke: false,
      open: true,
      data: undefined,
      tenants: undefined,
      history: undefined,
      traffic: true,
      join: undefined,
      role: 'operator',
      exports: undefined,
    });
  });

  it('are all understood', () => {
    const args = [
      '--no-open',
      '--data',
      'd',
      '--tenants',
      '40',
      '--history',
      '0',
      '--no-traffic',
      '--as',
      'auditor',
      '--join',
      '../p.json',
      '--exports',
      '/x',
    ];
    expect(parseStartOptions(args, '/here')).toMatchObject({
      open: false,
      data: '/here/d',
      join: '/p.json',
      tenants: 40,
      history: 0,
      traffic: false,
      role: 'auditor',
      exports: '/x',
    });
  });

  it.each([
    [['--smok'], /--smok/],
    [['x'], /'x'/],
    [['--data'], /--data/],
    [['--data', ' '], /--data needs a value/],
    [['--join', ''], /--join needs a value/],
    [['--tenants', '-1'], /--tenants/],
    [['--tenants', ''], /whole number up to 5000, not ""/],
    [['--history', '1e3'], /not "1e3"/],
    [['--tenants', '1.5'], /not "1.5"/],
    [['--tenants', '99999'], /not "99999"/],
    [['--as', 'boss'], /viewer, account_manager, operator, admin, auditor, not "boss"/],
    [['--smoke', '--no-traffic'], /Leave one of them away/],
  ])('%j gets a sentence', (args, words) => {
    const parse = () => parseStartOptions(args, '/here');
    expect(parse).toThrow(UsageError);
    expect(parse).toThrow(words);
  });

  it('are all in the help', () => {
    for (const option of [
      '--as',
      '--data',
      '--tenants',
      '--history',
      '--no-traffic',
      '--join',
      '--no-open',
      '--smoke',
      '--help',
    ]) {
      expect(USAGE).toContain(`  ${option}`);
    }
  });
});
