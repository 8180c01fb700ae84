import type { ReactNode } from 'react';
import type { AuditAlarm, AuditCheck, AuditFinding, AuditMemory } from '../../src-main/contract/audit.ts';
import { formatToTheSecond } from '../ui/format-instant.ts';
import { useLiveValue } from '../ui/live-value.ts';
import type { LongWork } from '../ui/long-work.ts';
import { StateMark } from '../ui/state-mark.tsx';
import { WorkProgress } from '../ui/work-progress.tsx';
import { AcceptChain, type Accept } from './accept-chain.tsx';
import { alarmWords, chainName, findingWords } from './audit-words.ts';
import classes from './audit-page.module.css';

export interface AuditVerifyProps {
  work: LongWork<AuditCheck>;
  memory: AuditMemory | null;
  /** What would be checked: "all 13 clients you may see", "Clinic B". */
  what: string;
  /** Why this operator can't check, in a sentence; null: they can. */
  forbidden: string | null;
  onStart: () => void;
  accept: Accept;
}

const number = new Intl.NumberFormat('en-IN');

/** Reads the chains again from their first entry, and tells what this console remembers of them. */
export function AuditVerify({ work, memory, what, forbidden, onStart, accept }: AuditVerifyProps): ReactNode {
  const state = useLiveValue(work.state);
  return (
    <div className={classes['verify']}>
      <section aria-label="Check">
        <p>
          Each entry has a hash of its fields and of the hash before it, so what is changed, removed or put in later
          shows. A check reads everything again and makes every hash anew on this computer.
        </p>
        {state.kind === 'running' ? (
          <Progress check={state.progress} onCancel={() => work.cancel()} />
        ) : (
          <button
            type="button"
            className="td-button"
            data-weight="strong"
            aria-disabled={forbidden !== null}
            onClick={() => forbidden === null && onStart()}
          >
            Verify {what}
          </button>
        )}
        {forbidden === null ? null : <p className={classes['dim']}>{forbidden}</p>}
        <div aria-live="polite">
          {state.kind === 'done' ? <Outcome check={state.result} /> : null}
          {state.kind === 'cancelled' ? <p>The check was cancelled. What was read until then was not judged.</p> : null}
          {state.kind === 'failed' ? <p>There is no result: {state.reason}</p> : null}
        </div>
      </section>
      {memory === null || forbidden !== null ? null : <Memory memory={memory} accept={accept} />}
    </div>
  );
}

function Progress({ check, onCancel }: { check: AuditCheck | null; onCancel: () => void }): ReactNode {
  const part = check && check.total > 0 ? check.entries / check.total : null;
  return (
    <WorkProgress label="Check of the audit log" part={part} onCancel={onCancel}>
      {check
        ? `${number.format(check.entries)} of ${number.format(check.total)} entries, ${number.format(check.chains)} of ${number.format(check.chainsTotal)} chains`
        : 'The check begins'}
      {check && check.badChains > 0 ? `, ${number.format(check.badChains)} not as written` : ''}
    </WorkProgress>
  );
}

function Outcome({ check }: { check: AuditCheck }): ReactNode {
  const { entries, chainsTotal, badChains, findings, tookMs } = check;
  const read = `${number.format(entries)} entries of ${number.format(chainsTotal)} ${chainsTotal === 1 ? 'chain' : 'chains'} read in ${(tookMs / 1000).toFixed(1)} s`;
  if (badChains === 0) {
    return (
      <p className={classes['verdict']}>
        <StateMark shape="circle" tone="calm" />
        All is as it was written. {read}.
      </p>
    );
  }
  return (
    <>
      <p className={classes['verdict']}>
        <StateMark shape="square" tone="alarm" />
        {badChains === 1 ? 'One chain is' : `${number.format(badChains)} chains are`} not as written. {read}.
      </p>
      <FindingTable findings={findings} />
      {badChains > findings.length ? <p>Shown are the first {findings.length}.</p> : null}
    </>
  );
}

function FindingTable({ findings }: { findings: readonly AuditFinding[] }): ReactNode {
  return (
    <table className={classes['table']} aria-label="First bad entry of each chain">
      <thead>
        <tr>
          <th scope="col">Chain of</th>
          <th scope="col">Entry</th>
          <th scope="col">What is wrong</th>
        </tr>
      </thead>
      <tbody>
        {findings.map((finding) => (
          <tr key={finding.tenantId ?? 'platform'}>
            <td className={classes['client']}>{chainName(finding)}</td>
            <td>{finding.seq.toString()}</td>
            <td>{findingWords(finding)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Memory({ memory, accept }: { memory: AuditMemory; accept: Accept }): ReactNode {
  const { alarms, remembered, comparedAt, trouble } = memory;
  return (
    <section aria-label="What this console remembers">
      <h2>What this console remembers</h2>
      <p>
        Who rewrites a whole chain, its last hash included, leaves nothing inside it that shows it. This console keeps
        where the {number.format(remembered)} chains it saw ended, and compares at each connect.{' '}
        {comparedAt === null ? 'It has not compared yet.' : `Compared last ${formatToTheSecond(comparedAt)}.`}
      </p>
      {trouble === null ? null : (
        <p className={classes['verdict']}>
          <StateMark shape="triangle" tone="warn" />
          {trouble}
        </p>
      )}
      {alarms.length === 0 ? null : (
        <ul className={classes['alarms']} aria-label="Chains that are not those seen before">
          {alarms.map((alarm) => (
            <AlarmLine key={alarm.tenantId ?? 'platform'} alarm={alarm} accept={accept} />
          ))}
        </ul>
      )}
    </section>
  );
}

function AlarmLine({ alarm, accept }: { alarm: AuditAlarm; accept: Accept }): ReactNode {
  return (
    <li>
      <p className={classes['verdict']}>
        <StateMark shape="square" tone="alarm" />
        {alarmWords(alarm)}
      </p>
      <AcceptChain chain={alarm.tenantId ?? 'platform'} name={chainName(alarm)} accept={accept} />
    </li>
  );
}
