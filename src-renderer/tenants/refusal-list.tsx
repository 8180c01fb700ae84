import { useId, useState, type ReactNode } from 'react';
import type { Refusal, RefusalScope } from '../../src-main/contract/tenants.ts';
import { formatExactly, formatMoment } from '../ui/format-instant.ts';
import { RefusalDetails } from './refusal-details.tsx';
import { reasonOf } from './refusal-words.ts';
import { ShowMore } from './show-more.tsx';
import type { FetchExplanation } from './tenants-queries.ts';
import classes from './activity.module.css';

export interface RefusalListProps {
  tenantId: string;
  timeZone: string;
  refusals: readonly Refusal[];
  fetchExplanation: FetchExplanation;
  /** The ways to raise a cap that stood in the way. */
  remedies: (scope: RefusalScope, capName: string) => ReactNode;
}

/** The newest refusals, each with the rule that fired; one opened explains itself. */
export function RefusalList({ refusals, ...tools }: RefusalListProps): ReactNode {
  const [opened, setOpened] = useState<Refusal | null>(null);
  if (refusals.length === 0) return <p className={classes['quiet']}>None on record.</p>;
  return (
    <ShowMore items={refusals} first={5} what="refusals">
      {(shown) => (
        <ol className={classes['list']}>
          {withOpened(shown, opened).map((refusal) => (
            <RefusalLine
              key={refusal.requestId}
              refusal={refusal}
              tools={tools}
              opened={opened?.requestId === refusal.requestId}
              onToggle={() => setOpened(opened?.requestId === refusal.requestId ? null : refusal)}
            />
          ))}
        </ol>
      )}
    </ShowMore>
  );
}

/** What somebody reads stays there, however many newer ones come. */
function withOpened(shown: readonly Refusal[], opened: Refusal | null): readonly Refusal[] {
  if (opened === null || shown.some(({ requestId }) => requestId === opened.requestId)) return shown;
  return [...shown, opened];
}

interface RefusalLineProps {
  refusal: Refusal;
  tools: Omit<RefusalListProps, 'refusals'>;
  opened: boolean;
  onToggle: () => void;
}

function RefusalLine({ refusal, tools, opened, onToggle }: RefusalLineProps): ReactNode {
  const detailsId = useId();
  const { requestId, refusedAt, type, code, model, workflowName } = refusal;
  return (
    <li className={classes['refusal']} data-opened={opened}>
      <button
        type="button"
        className={classes['line']}
        aria-expanded={opened}
        aria-controls={opened ? detailsId : undefined}
        onClick={onToggle}
      >
        <time dateTime={formatExactly(refusedAt)} title={`${formatExactly(refusedAt)}, request ${requestId}`}>
          {formatMoment(refusedAt, tools.timeZone)}
        </time>
        <span className={classes['what']}>
          {reasonOf(type, code)}
          <small>{[workflowName, model].filter((part) => part !== null).join(' · ')}</small>
        </span>
        <span className={classes['why']}>{opened ? 'close' : 'why?'}</span>
      </button>
      {opened ? (
        <div id={detailsId} className={classes['details']}>
          <RefusalDetails requestId={requestId} {...tools} />
        </div>
      ) : null}
    </li>
  );
}
