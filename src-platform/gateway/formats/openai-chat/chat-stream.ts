import { field, parseJson } from '../../calls/json-fields.ts';
import { eventData } from '../../calls/sse-events.ts';
import type { StreamReader } from '../../calls/wire-format.ts';
import type { Usage } from '../../pricing/price.ts';
import { readUsage } from './chat-usage.ts';

const DONE = '[DONE]';
const USAGE = '"usage"';
const NULL = 'n'.charCodeAt(0);
const COLON = ':'.charCodeAt(0);
const SPACE = ' '.charCodeAt(0);

/** Finds the usage report in a stream of chunks, and takes out the extra chunk that only the gateway asked for. */
export function createChatStreamReader(clientWantsUsage: boolean): StreamReader {
  let usage: Usage | undefined;
  return {
    read: (event) => {
      if (reportsUsage(event)) {
        const chunk = parseJson(eventData(event));
        const found = readUsage(chunk);
        if (found === undefined) return 'pass';
        usage = found;
        const choices = field(chunk, 'choices');
        return !clientWantsUsage && Array.isArray(choices) && choices.length === 0 ? 'drop' : 'pass';
      }
      return event.includes(DONE) && eventData(event)?.trim() === DONE ? 'end' : 'pass';
    },
    get usage() {
      return usage;
    },
  };
}

/** Asked for usage, OpenAI puts `"usage":null` into every chunk: those are not worth parsing. Inside a text the quotes are escaped. */
function reportsUsage(event: Buffer): boolean {
  for (let at = event.indexOf(USAGE); at !== -1; at = event.indexOf(USAGE, at + 1)) {
    let next = at + USAGE.length;
    while (event[next] === COLON || event[next] === SPACE) next += 1;
    if (event[next] !== NULL) return true;
  }
  return false;
}
