import { field, parseJson } from '../../calls/json-fields.ts';
import { eventData, eventName } from '../../calls/sse-events.ts';
import type { StreamReader } from '../../calls/wire-format.ts';
import type { Usage } from '../../pricing/price.ts';
import { addReport, nothingReported, usageOf } from './messages-usage.ts';

/** The events that are looked into; those that carry the text are many and say nothing of usage. */
const READ = new Set<unknown>(['message_start', 'message_delta', 'message_stop']);

/** Usage comes in parts: the input with the start, the output with the last delta. Without the latter nobody knows what was billed. */
export function createMessagesStreamReader(): StreamReader {
  const known = nothingReported();
  let usage: Usage | undefined;
  return {
    read: (event) => {
      const name = eventName(event);
      if (name !== undefined && !READ.has(name)) return 'pass';
      const data = parseJson(eventData(event));
      switch (field(data, 'type')) {
        case 'message_start':
          addReport(known, field(field(data, 'message'), 'usage'));
          // What it says of the output is the first token, not the bill.
          known.output = undefined;
          return 'pass';
        case 'message_delta':
          addReport(known, field(data, 'usage'));
          usage = usageOf(known);
          return 'pass';
        case 'message_stop':
          return 'end';
        default:
          return 'pass';
      }
    },
    get usage() {
      return usage;
    },
  };
}
