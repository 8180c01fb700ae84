import type { Usage } from '../pricing/price.ts';
import { AnswerTooLarge } from '../upstream/answer-too-large.ts';
import { createSseSplitter } from './sse-events.ts';
import type { StreamReader } from './wire-format.ts';

/**
 * Cuts a provider's stream into events, has the format read them as they pass, and holds back what comes with the end mark until the call
 * is settled.
 */
export interface StreamMeter {
  /** What may go to the client now; may be empty. @throws AnswerTooLarge when an event, or what is held back, never ends */
  push(chunk: Buffer): Buffer[];
  /** Call after the provider's last byte: what was held back, for the client once the call is settled. */
  end(): Buffer[];
  /** As reported; undefined: not yet, or never. */
  readonly usage: Usage | undefined;
  /** The provider said that it is done. */
  readonly completed: boolean;
}

/** `mostBytes`: of an event, and of what is held back. */
export function createStreamMeter(reader: StreamReader, mostBytes: number): StreamMeter {
  const splitter = createSseSplitter();
  let completed = false;
  const heldBack: Buffer[] = [];
  let heldBytes = 0;

  function passes(event: Buffer): boolean {
    const fate = reader.read(event);
    if (fate === 'drop') return false;
    if (fate === 'end') completed = true;
    if (!completed) return true;
    heldBack.push(event);
    heldBytes += event.length;
    return false;
  }

  return {
    push: (chunk) => {
      const events = splitter.push(chunk).filter(passes);
      if (heldBytes + splitter.restBytes > mostBytes) throw new AnswerTooLarge(mostBytes);
      return events;
    },
    end: () => {
      const rest = splitter.rest();
      // An event without its blank line still counts when the provider ends there.
      if (rest.length > 0 && passes(rest)) heldBack.unshift(rest);
      return heldBack;
    },
    get usage() {
      return reader.usage;
    },
    get completed() {
      return completed;
    },
  };
}
