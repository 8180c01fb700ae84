import { BadCall, type WireCall } from './wire-format.ts';

/** Reading what somebody else's JSON holds: each function takes anything. */

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A field of something that may be no object. */
export function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return Reflect.get(value, name);
}

/** A field that counts something: an integer from 0 on; undefined: it is no such. */
export function count(value: unknown, name: string): number | undefined {
  const found = field(value, name);
  return typeof found === 'number' && Number.isSafeInteger(found) && found >= 0 ? found : undefined;
}

/** Undefined: no JSON. */
export function parseJson(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The body of a call. @throws BadCall */
export function parseBody(text: string): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unreadable';
    throw new BadCall(`The body is not valid JSON: ${reason}`, 'invalid_json');
  }
  if (!isRecord(parsed)) throw new BadCall('The body must be a JSON object.', 'invalid_json');
  return parsed;
}

const LONGEST_NAME = 256;

/** @throws BadCall */
export function modelIn(body: Record<string, unknown>): string {
  const { model } = body;
  if (typeof model === 'string' && model !== '' && model.length <= LONGEST_NAME) return model;
  throw new BadCall("'model' must be the name of a model.", 'invalid_request', 'model');
}

/** An integer from 1 to `most`; null: not given. @throws BadCall */
export function integerIn(body: Record<string, unknown>, name: string, most: number): number | null {
  const value = body[name];
  if (value === undefined || value === null) return null;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new BadCall(`'${name}' must be an integer from 1 to ${most}.`, 'invalid_request', name);
}

/** False: not given. @throws BadCall */
export function booleanIn(body: Record<string, unknown>, name: string): boolean {
  const value = body[name];
  if (value === undefined || value === null) return false;
  if (typeof value === 'boolean') return value;
  throw new BadCall(`'${name}' must be true or false.`, 'invalid_request', name);
}

/** What a call says of itself in OpenAI's `metadata`, whose values are strings; SDKs in some languages let numbers pass. */
export function metadataIn(body: Record<string, unknown>): Pick<WireCall, 'workflowSlug' | 'session' | 'units'> {
  const { metadata } = body;
  if (metadata === undefined) return NO_METADATA;
  const read = (name: string): string | undefined => {
    const value = field(metadata, name);
    if (typeof value === 'number') return String(value);
    return typeof value === 'string' ? value : undefined;
  };
  return { workflowSlug: read('workflow'), session: read('session'), units: read('units') };
}

/** Of a format, or a call, without them. */
export const NO_METADATA = { workflowSlug: undefined, session: undefined, units: undefined };

/** Output limits above this are somebody's mistake. */
export const MOST_OUTPUT_TOKENS = 10_000_000;
