import type { Alert } from '../../src-main/contract/alerts.ts';
import { formatInZone } from '../ui/format-instant.ts';
import { formatUsd } from '../ui/format-usd.ts';
import type { StateShape, Tone } from '../ui/state-mark.tsx';

const REACHED = 100;

/** "passed 80 % of its daily cap: $4.02 of $5.00", after the client's name. */
export function alertWords({ cap, threshold, runsOutAt, timeZone }: Alert): string {
  const noun = capWords(cap);
  const figures = `${formatUsd(cap.committedNanoUsd)} of ${formatUsd(cap.inForceNanoUsd)}`;
  if (runsOutAt !== null) return `will use up its ${noun} on ${formatInZone(runsOutAt, timeZone)}: ${figures} so far`;
  return threshold >= REACHED ? `reached its ${noun}: ${figures}` : `passed ${threshold} % of its ${noun}: ${figures}`;
}

/** Red is for "refusing now" alone, which the board says. */
export function alertMark({ threshold }: Alert): { shape: StateShape; tone: Tone } {
  return { shape: threshold >= REACHED ? 'square' : 'triangle', tone: 'warn' };
}

function capWords({ scope, period, workflowName }: Alert['cap']): string {
  const noun = period === 'day' ? 'daily cap' : 'cap';
  if (scope === 'key') return `${noun} of a key`;
  return scope === 'workflow' ? `${noun} of workflow ${workflowName ?? ''}`.trimEnd() : noun;
}
