import { describe, expect, it } from 'vitest';
import { countPlaywright, countVitest } from './count-tests.ts';

const test = (status: string, fullName = 'a test') => ({ status, fullName });

describe('counting unit and integration tests', () => {
  it('adds tests and files that could not be loaded', () => {
    const report = {
      numPassedTests: 3,
      numFailedTests: 1,
      testResults: [
        { status: 'failed', assertionResults: [test('failed'), test('passed')] },
        { status: 'failed', assertionResults: [] },
        { status: 'passed', assertionResults: [test('passed'), test('passed'), test('skipped', 'needs a real Redis')] },
      ],
    };
    expect(countVitest(report, 1)).toEqual({ passed: 3, failed: 2, skipped: 1, reasons: ['needs a real Redis'] });
  });

  it('takes a bad end for a failure, with and without a report', () => {
    expect(countVitest(undefined, 0).failed).toBe(1);
    expect(countVitest({ numPassedTests: 5, numFailedTests: 0, testResults: [] }, 1).failed).toBe(1);
    expect(countVitest({ numPassedTests: 5, numFailedTests: 0, testResults: [] }, 0).failed).toBe(0);
  });
});

describe('counting end-to-end tests', () => {
  it('counts a test that failed once as failed', () => {
    expect(countPlaywright({ stats: { expected: 2, unexpected: 1, flaky: 1, skipped: 0 } }, 1)).toMatchObject({
      passed: 2,
      failed: 2,
    });
  });

  it('says why something was not run', () => {
    const tests = [{ status: 'skipped', annotations: [{ type: 'skip', description: 'no Chromium' }] }];
    const report = { stats: { skipped: 1 }, suites: [{ suites: [{ specs: [{ title: 'a cap', tests }] }] }] };
    expect(countPlaywright(report, 0)).toEqual({ passed: 0, failed: 0, skipped: 1, reasons: ['a cap: no Chromium'] });
  });

  it('takes a missing report for a failure', () => {
    expect(countPlaywright(undefined, 0).failed).toBe(1);
  });
});
