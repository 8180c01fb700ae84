/**
 * What a runner's report says in numbers: `{ passed, failed, skipped, reasons }`. A runner that ended badly without a
 * failed test (no report, an error outside the tests) counts as one failure: silence is never success.
 */

/** Vitest's JSON report (Jest's format). */
export function countVitest(report, exitCode) {
  if (!report) return crashed();
  const files = report.testResults ?? [];
  const skippedTests = files.flatMap((file) => file.assertionResults).filter((test) => isSkipped(test.status));
  const brokenFiles = files.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  const failed = (report.numFailedTests ?? 0) + brokenFiles.length;
  return {
    passed: report.numPassedTests ?? 0,
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    skipped: skippedTests.length,
    reasons: skippedTests.map((test) => test.fullName),
  };
}

const isSkipped = (status) => status === 'pending' || status === 'skipped' || status === 'todo';

/** Playwright's JSON report. A flaky test failed once: it counts as failed. */
export function countPlaywright(report, exitCode) {
  if (!report) return crashed();
  const { expected = 0, unexpected = 0, flaky = 0, skipped = 0 } = report.stats ?? {};
  const failed = unexpected + flaky;
  return {
    passed: expected,
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    skipped,
    reasons: [...new Set(specsOf(report.suites ?? []).flatMap(skipReasons))],
  };
}

function specsOf(suites) {
  return suites.flatMap((suite) => [...(suite.specs ?? []), ...specsOf(suite.suites ?? [])]);
}

function skipReasons(spec) {
  return spec.tests
    .filter((test) => test.status === 'skipped')
    .map((test) => `${spec.title}: ${test.annotations.find(({ type }) => type === 'skip')?.description ?? 'skipped'}`);
}

function crashed() {
  return { passed: 0, failed: 1, skipped: 0, reasons: [] };
}
