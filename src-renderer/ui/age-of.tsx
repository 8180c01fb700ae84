import { useCallback, type ReactNode } from 'react';
import { AgeStamp } from './age-stamp.tsx';

/** Between two reads of what is read now and then. */
const READ_EVERY_MS = 30_000;

/** How old figures are that were told at `asOf`; `now`: by the clock that `asOf` is of. */
export function AgeOf({ asOf, now }: { asOf: Date; now: () => Date }): ReactNode {
  const at = asOf.getTime();
  const age = useCallback(() => now().getTime() - at, [now, at]);
  return <AgeStamp ageMs={age} oldAfterMs={READ_EVERY_MS} say={old} />;
}

function old(age: string): string {
  return `${age} old`;
}
