import type { Refusal } from '../admission/refusal.ts';

/** A refusal in OpenAI's error shape, the facts beside it: official SDKs raise their ordinary class from it. */
export function errorBody(refusal: Refusal): string {
  const { message, type, code, parameter, facts } = refusal;
  return JSON.stringify({ error: { message, type, param: parameter ?? null, code, ...facts } });
}
