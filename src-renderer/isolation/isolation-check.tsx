import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type {
  IsolationFile,
  IsolationProgress,
  IsolationReport,
  IsolationRule,
  IsolationTrial,
} from '../../src-main/contract/isolation.ts';
import { formatToTheSecond } from '../ui/format-instant.ts';
import { useLiveValue } from '../ui/live-value.ts';
import type { LongWork } from '../ui/long-work.ts';
import { StateMark } from '../ui/state-mark.tsx';
import { WorkProgress } from '../ui/work-progress.tsx';
import classes from './isolation-check.module.css';

export interface IsolationCheckProps {
  work: LongWork<IsolationProgress>;
  /** Why this operator can't run it, in a sentence; null: they can. */
  forbidden: string | null;
  onStart: () => void;
  /** Writes the page of the check with this id. */
  writePage: (checkId: string) => Promise<IsolationFile>;
}

const number = new Intl.NumberFormat('en-IN');

const STEPS: Record<IsolationProgress['step'], { part: number; words: string }> = {
  rules: { part: 0.1, words: 'Reading how the database is set up' },
  trials: { part: 0.5, words: 'Trying to get past it, table by table' },
  done: { part: 1, words: 'Done' },
};

/** Proves, as far as this login can, that the database keeps clients apart; with a page to hand to a client. */
export function IsolationCheck({ work, forbidden, onStart, writePage }: IsolationCheckProps): ReactNode {
  const state = useLiveValue(work.state);
  return (
    <div className={classes['page']}>
      <section aria-label="Isolation check">
        <p>
          All clients’ rows are in one database, which itself decides whose are seen. The check reads how it is set up,
          then really tries every kind of access to every table with the rights of your login, and undoes it.
        </p>
        {state.kind === 'running' ? (
          <Progress step={state.progress?.step ?? 'rules'} onCancel={() => work.cancel()} />
        ) : (
          <button
            type="button"
            className="td-button"
            data-weight="strong"
            aria-disabled={forbidden !== null}
            onClick={() => forbidden === null && onStart()}
          >
            Run the isolation check
          </button>
        )}
        {forbidden === null ? null : <p className={classes['dim']}>{forbidden}</p>}
        <div aria-live="polite">
          {state.kind === 'done' && state.result.report ? (
            <Verdict
              key={state.result.checkId}
              report={state.result.report}
              writePage={() => writePage(state.result.checkId)}
            />
          ) : null}
          {state.kind === 'cancelled' ? <p>The check was cancelled. Nothing was judged.</p> : null}
          {state.kind === 'failed' ? <p>There is no result: {state.reason}</p> : null}
        </div>
      </section>
      {state.kind === 'done' && state.result.report ? <Details report={state.result.report} /> : null}
    </div>
  );
}

function Progress({ step, onCancel }: { step: IsolationProgress['step']; onCancel: () => void }): ReactNode {
  const { part, words } = STEPS[step];
  return (
    <WorkProgress label="Isolation check" part={part} onCancel={onCancel}>
      {words}
    </WorkProgress>
  );
}

function Verdict({
  report,
  writePage,
}: {
  report: IsolationReport;
  writePage: () => Promise<IsolationFile>;
}): ReactNode {
  const { ok, verdict, checkedAt, database, server, scope } = report;
  const page = useMutation({ mutationFn: writePage });
  return (
    <>
      <p className={classes['verdict']}>
        <StateMark shape={ok ? 'circle' : 'square'} tone={ok ? 'calm' : 'alarm'} />
        {verdict}
      </p>
      <p className={classes['dim']}>
        {formatToTheSecond(checkedAt)}, database {database}, PostgreSQL {server}: {number.format(scope.tables)} tables,{' '}
        {number.format(scope.policies)} policies, {number.format(scope.functions)} functions,{' '}
        {number.format(scope.logins)} logins
      </p>
      <div className={classes['export']}>
        <button
          type="button"
          className="td-button"
          aria-disabled={page.isPending}
          onClick={() => page.isPending || page.mutate()}
        >
          {page.isPending ? 'Writing…' : 'Export page for a client'}
        </button>
        <output className={classes['dim']}>
          {page.isSuccess ? (
            <>
              Written to <b className={classes['path']}>{page.data.file}</b>{' '}
              <small title="SHA-256 of the file: whoever you give it to can compare">
                SHA-256 {page.data.sha256.slice(0, 16)}…
              </small>
            </>
          ) : null}
          {page.isError ? `There is no page: ${page.error.message}` : null}
        </output>
      </div>
    </>
  );
}

function Details({ report: { trials, rules, missing } }: { report: IsolationReport }): ReactNode {
  return (
    <>
      <section aria-label="What happened when it was tried">
        <h2>What happened when it was tried</h2>
        <table className={classes['table']} aria-label="Attempts">
          <thead>
            <tr>
              <th scope="col">Who tried</th>
              <th scope="col" data-kind="number">
                Attempts
              </th>
              <th scope="col" data-kind="number">
                Refused
              </th>
              <th scope="col">Result</th>
            </tr>
          </thead>
          <tbody>
            {trials.map((trial) => (
              <TrialRow key={`${trial.role} ${trial.standing}`} trial={trial} />
            ))}
          </tbody>
        </table>
        {missing.map((sentence) => (
          <p key={sentence} className={classes['dim']}>
            {sentence}
          </p>
        ))}
      </section>
      <section aria-label="Rules">
        <h2>Rules</h2>
        <ol className={classes['rules']}>
          {rules.map((rule) => (
            <RuleItem key={rule.rule} rule={rule} />
          ))}
        </ol>
      </section>
    </>
  );
}

function TrialRow({ trial: { who, tried, refused, findings } }: { trial: IsolationTrial }): ReactNode {
  return (
    <tr>
      <th scope="row">{who}</th>
      <td data-kind="number">{number.format(tried)}</td>
      <td data-kind="number">{number.format(refused)}</td>
      <td>
        {findings.length === 0 ? 'As written down' : 'Otherwise than written down'}
        <Findings findings={findings} />
      </td>
    </tr>
  );
}

function RuleItem({ rule: { title, meaning, level, ok, findings } }: { rule: IsolationRule }): ReactNode {
  const warning = level === 'warning';
  return (
    <li>
      <h3>
        <StateMark
          shape={ok ? 'circle' : warning ? 'triangle' : 'square'}
          tone={ok ? 'calm' : warning ? 'warn' : 'alarm'}
        />
        {title}
        {ok ? null : <span className={classes['broken']}>{warning ? 'not kept (a warning)' : 'broken'}</span>}
      </h3>
      <p className={classes['dim']}>{meaning}</p>
      <Findings findings={findings} />
    </li>
  );
}

function Findings({ findings }: { findings: readonly string[] }): ReactNode {
  if (findings.length === 0) return null;
  return (
    <ul className={classes['findings']}>
      {findings.map((finding) => (
        <li key={finding}>{finding}</li>
      ))}
    </ul>
  );
}
