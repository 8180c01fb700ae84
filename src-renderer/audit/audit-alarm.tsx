import type { ReactNode } from 'react';
import type { AuditMemory } from '../../src-main/contract/audit.ts';
import { useLiveValue, type LiveValue } from '../ui/live-value.ts';
import { StateMark } from '../ui/state-mark.tsx';
import { alarmWords } from './audit-words.ts';
import classes from './audit-alarm.module.css';

/** Above every page: an audit chain is not the one this console saw before. */
export function AuditAlarm({ memory, link }: { memory: LiveValue<AuditMemory | null>; link: ReactNode }): ReactNode {
  const alarms = useLiveValue(memory)?.alarms ?? [];
  const [first] = alarms;
  if (!first) return null;
  return (
    <div className={classes['alarm']} role="alert">
      <StateMark shape="square" tone="alarm" />
      <span>
        {alarmWords(first)} {alarms.length > 1 ? `And so it is with ${alarms.length - 1} more. ` : ''}
        Tell an admin and the auditor before anything else is changed.
      </span>
      {link}
    </div>
  );
}
