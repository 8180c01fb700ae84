import type { Usage } from '../pricing/price.ts';
import { createSseSplitter, eventData } from './sse-events.ts';
import { field, readUsage } from './usage.ts';

/**
 * Reads a stream of chat completion chunks as it passes: finds the usage report, takes out the extra chunk that only the gateway
 * asked for, and holds the end mark back until the call is settled.
 */
export interface StreamMeter {
  /** What may go to the client now; may be empty. */
  push(chunk: Buffer): Buffer[];
  /** Call after the provider's last byte: what was held back, for the client once the call is settled. */
  end(): Buffer[];
  /** As reported; undefined: not yet, or never. */
  readonly usage: Usage | undefined;
  /** The provider said that it is done. */
  readonly completed: boolean;
}

const DONE = '[DONE]';

export function createStreamMeter(clientWantsUsage: boolean): StreamMeter {
  const splitter = createSseSplitter();
  let usage: Usage | undefined;
  let completed = false;
  const heldBack: Buffer[] = [];

  function passes(event: Buffer): boolean {
    if (event.includes('"usage"')) {
      const chunk = parse(eventData(event));
      const found = readUsage(field(chunk, 'usage'));
      if (found !== undefined) {
        usage = found;
        const choices = field(chunk, 'choices');
        if (!clientWantsUsage && Array.isArray(choices) && choices.length === 0) return false;
      }
    } else if (event.includes(DONE) && eventData(event)?.trim() === DONE) {
      completed = true;
    }
    if (!completed) return true;
    heldBack.push(event);
    return false;
  }

  return {
    push: (chunk) => splitter.push(chunk).filter(passes),
    end: () => {
      const rest = splitter.rest();
      // An event without its blank line still counts when the provider ends there.
      if (rest.length > 0 && passes(rest)) heldBack.unshift(rest);
      return heldBack;
    },
    get usage() {
      return usage;
    },
    get completed() {
      return completed;
    },
  };
}

function parse(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
