import type { Refusal } from '../../admission/refusal.ts';

/** A refusal in Anthropic's error shape, the facts beside it. */
export function errorBody({ message, type, code, parameter, facts }: Refusal): string {
  return JSON.stringify({
    type: 'error',
    error: { type, message, code, ...(parameter ? { param: parameter } : {}), ...facts },
  });
}
