import { field, parseJson } from '../../calls/json-fields.ts';
import { eventData, eventName } from '../../calls/sse-events.ts';
import type { StreamReader } from '../../calls/wire-format.ts';
import type { Usage } from '../../pricing/price.ts';
import { readUsage } from './responses-usage.ts';

/** The events that end a response; each has the whole of it with its usage. */
const LAST = new Set<unknown>(['response.completed', 'response.incomplete', 'response.failed']);

export function createResponsesStreamReader(): StreamReader {
  let usage: Usage | undefined;
  return {
    read: (event) => {
      const name = eventName(event);
      if (name !== undefined && !LAST.has(name)) return 'pass';
      const data = parseJson(eventData(event));
      if (!LAST.has(field(data, 'type'))) return 'pass';
      usage = readUsage(field(data, 'response')) ?? usage;
      return 'end';
    },
    get usage() {
      return usage;
    },
  };
}
