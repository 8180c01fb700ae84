import type { Usage } from '../pricing/price.ts';
import { createSseSplitter } from './sse-events.ts';
import type { StreamReader } from './wire-format.ts';

/**
 * Cuts a provider's stream into events, has the format read them as they pass, and holds back what comes with the end mark until the call
 * is settled.
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

export function createStreamMeter(reader: StreamReader): StreamMeter {
  const splitter = createSseSplitter();
  let completed = false;
  const heldBack: Buffer[] = [];

  function passes(event: Buffer): boolean {
    const fate = reader.read(event);
    if (fate === 'drop') return false;
    if (fate === 'end') completed = true;
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
      return reader.usage;
    },
    get completed() {
      return completed;
    },
  };
}
