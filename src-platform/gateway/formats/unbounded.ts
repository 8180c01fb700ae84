import { BadCall } from '../calls/wire-format.ts';

/** `where`: the field that makes the call unbounded; `why` says what to do instead. */
export function unbounded(where: string, why: string): BadCall {
  return new BadCall(
    `'${where}' makes a call whose cost can't be bounded beforehand: ${why}`,
    'unbounded_request',
    where,
  );
}

/** Fields that make a call dearer in ways that no token limit bounds, with what to say about each. */
export type UnboundedFields = Readonly<Record<string, string>>;

/** @throws BadCall when one of them is given */
export function refuseFields(body: Record<string, unknown>, fields: UnboundedFields): void {
  for (const name in fields) {
    const value = body[name];
    if (value !== undefined && value !== null && value !== false) throw unbounded(name, fields[name] ?? '');
  }
}
