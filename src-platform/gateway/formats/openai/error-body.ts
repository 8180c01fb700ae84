import type { Refusal } from '../../admission/refusal.ts';

/** A refusal in OpenAI's error shape. */
export function errorBody(refusal: Refusal): string {
  const { message, type, code, parameter, facts } = refusal;
  return JSON.stringify({ error: { message, type, param: parameter ?? null, code, ...facts } });
}
