import { lazy, type ReactNode } from 'react';
import { useLiveValue } from '../ui/live-value.ts';
import { useConsole } from './console-context.ts';

const IsolationCheck = lazy(async () => ({
  default: (await import('../isolation/isolation-check.tsx')).IsolationCheck,
}));

/** A tab of the audit page. */
export function IsolationRoute(): ReactNode {
  const { client, session, isolationCheck } = useConsole();
  const role = useLiveValue(session)?.operator?.role;
  const allowed = role === undefined || role === 'auditor' || role === 'admin';
  return (
    <IsolationCheck
      work={isolationCheck}
      forbidden={
        allowed
          ? null
          : `Auditors and admins run it. Your role is ${role.replace('_', ' ')}: ask one of them for its page.`
      }
      onStart={() => isolationCheck.start((options) => client.isolation.run(undefined, options))}
      writePage={(checkId) => client.isolation.export({ checkId })}
    />
  );
}
