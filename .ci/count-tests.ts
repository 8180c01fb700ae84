/**
 * What a runner's report says in numbers. A runner that ended badly without a failed test (no report, an error outside
 * the tests) counts as one failure: silence is never success.
 */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What was not run, and why. */
  readonly reasons: readonly string[];
}

/** The parts of Vitest's JSON report (Jest's format) that are read. */
export interface VitestReport {
  readonly numPassedTests?: number;
  readonly numFailedTests?: number;
  readonly testResults?: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

/** The parts of Playwright's JSON report that are read. */
export interface PlaywrightReport {
  readonly stats?: {
    readonly expected?: number;
    readonly unexpected?: number;
    readonly flaky?: number;
    readonly skipped?: number;
  };
  readonly suites?: readonly PlaywrightSuite[];
}

interface PlaywrightSuite {
  readonly suites?: readonly PlaywrightSuite[];
  readonly specs?: readonly PlaywrightSpec[];
}

interface PlaywrightSpec {
  readonly title: string;
  readonly tests: readonly {
    readonly status: string;
    readonly annotations: readonly { readonly type: string; readonly description?: string }[];
  }[];
}

const CRASHED: Counts = { passed: 0, failed: 1, skipped: 0, reasons: [] };

/** A file that could not be loaded has no tests in the report: it counts as one failure. */
export function countVitest(report: VitestReport | undefined, exitCode: number): Counts {
  if (!report) return CRASHED;
  const files = report.testResults ?? [];
  const skipped = files
    .flatMap((file) => file.assertionResults)
    .filter(({ status }) => status === 'pending' || status === 'skipped' || status === 'todo');
  const broken = files.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  return {
    passed: report.numPassedTests ?? 0,
    failed: atLeastOne((report.numFailedTests ?? 0) + broken.length, exitCode),
    skipped: skipped.length,
    reasons: skipped.map((test) => test.fullName),
  };
}

/** A flaky test failed once: it counts as failed. */
export function countPlaywright(report: PlaywrightReport | undefined, exitCode: number): Counts {
  if (!report) return CRASHED;
  const { expected = 0, unexpected = 0, flaky = 0, skipped = 0 } = report.stats ?? {};
  return {
    passed: expected,
    failed: atLeastOne(unexpected + flaky, exitCode),
    skipped,
    reasons: [...new Set(specsOf(report.suites ?? []).flatMap(skipReasons))],
  };
}

const atLeastOne = (failed: number, exitCode: number): number => (failed === 0 && exitCode !== 0 ? 1 : failed);

function specsOf(suites: readonly PlaywrightSuite[]): PlaywrightSpec[] {
  return suites.flatMap((suite) => [...(suite.specs ?? []), ...specsOf(suite.suites ?? [])]);
}

function skipReasons({ title, tests }: PlaywrightSpec): string[] {
  return tests
    .filter((test) => test.status === 'skipped')
    .map(({ annotations }) => `${title}: ${annotations.find(({ type }) => type === 'skip')?.description ?? 'skipped'}`);
}
