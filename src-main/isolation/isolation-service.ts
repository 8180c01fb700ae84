import type { IsolationFile, IsolationProgress, IsolationReport } from '../contract/isolation.ts';
import type { ExportFolder } from '../infra/export-file.ts';
import { OperatorError } from '../infra/operator-error.ts';
import { streamWork } from '../infra/work-stream.ts';
import { isolationPage } from './isolation-page.ts';
import type { IsolationRepository } from './isolation-repository.ts';
import { isolationReport } from './isolation-words.ts';

export interface IsolationService {
  /** Throws OperatorError FORBIDDEN for operators that are neither auditor nor admin. */
  run(signal?: AbortSignal): AsyncGenerator<IsolationProgress, void, unknown>;
  /** Throws OperatorError: NOT_FOUND when that check was not the last one here, UNAVAILABLE when the file can't be written. */
  export(checkId: string): Promise<IsolationFile>;
}

export interface IsolationSources {
  readonly repository: IsolationRepository;
  readonly exports: ExportFolder;
  readonly login: string;
  /** A new UUID. */
  readonly newId: () => string;
}

const THIS_LOGIN_ALONE =
  'Access was tried with the rights of this login alone. npm run isolation-check tries every role, with the login that migrates the database.';

export function createIsolationService({ repository, exports, login, newId }: IsolationSources): IsolationService {
  let last: { readonly checkId: string; readonly report: IsolationReport } | undefined;
  return {
    run: (signal) =>
      streamWork<IsolationProgress>(async (tell, leaving) => {
        const checkId = newId();
        tell({ checkId, step: 'rules', report: null });
        const about = await repository.scope();
        const rules = await repository.rules();
        if (leaving.aborted) return;
        tell({ checkId, step: 'trials', report: null });
        const trials = await repository.trials();
        const report = isolationReport({ ...about, by: `login ${login}`, rules, trials, missing: [THIS_LOGIN_ALONE] });
        last = { checkId, report };
        tell({ checkId, step: 'done', report });
      }, signal),
    async export(checkId) {
      if (last?.checkId !== checkId) {
        throw new OperatorError(
          'NOT_FOUND',
          'This console has no such check any more. Run it again, then export its page.',
        );
      }
      const { report } = last;
      const file = await exports.create(`tenantdesk-isolation-${fileTime(report.checkedAt)}.html`);
      try {
        await file.write(isolationPage(report));
        return { file: file.path, sha256: await file.finish(), bytes: file.bytes };
      } catch (error) {
        await file.discard();
        throw error;
      }
    },
  };
}

/** 20261121-083231, UTC. */
const fileTime = (at: Date): string => at.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
