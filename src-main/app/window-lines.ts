/**
 * The window's line to the router, whichever shell carries it: texts in, texts out.
 *
 * What comes in is read strictly, before the library reads it: a request of a named call, or the abort of one. Everything else, binary frames,
 * streams from the window and further headers among it, is what no page of ours sends; the line is closed then, and the page dials again. What a message
 * carried is never told to anybody: it may be a password.
 */
import { RPCHandler } from '@orpc/server/websocket';
import { z } from 'zod';
import type { ConsoleRouter } from './console-router.ts';

export interface WindowLine {
  /** A message as the shell got it. */
  take(data: unknown): void;
  /** The shell's line is gone: its calls and streams end. Safe to call again. */
  end(): void;
}

export interface WindowLineEnds {
  readonly send: (text: string) => void;
  readonly hangUp: () => void;
  /** Hears why a line was closed, or that an answer could not be sent; never of what was carried. */
  readonly onError: (error: unknown) => void;
}

/** What a page sends is small: a call with its arguments. */
export const MAX_MESSAGE_CHARACTERS = 256 * 1024;
/** Calls and streams at the same time. A window has two dozen, and a few of the page before it. */
export const MAX_OPEN_CALLS = 256;

const ABORT = 4;

const callId = z.string().min(1).max(64);
const message = z.union([
  z.strictObject({
    i: callId,
    p: z.strictObject({
      u: z.string().regex(/^\/[a-zA-Z]{1,64}\/[a-zA-Z]{1,64}$/),
      b: z.unknown().optional(),
      h: z.strictObject({ 'last-event-id': z.string().max(64) }).optional(),
    }),
  }),
  z.strictObject({ i: callId, t: z.literal(ABORT), p: z.unknown().optional() }),
]);

/** @returns a function that serves one more line. */
export function createWindowLines(router: ConsoleRouter): (ends: WindowLineEnds) => WindowLine {
  const handler = new RPCHandler(router);
  return ({ send, hangUp, onError }) => {
    let over = false;
    let open = 0;
    const socket = {
      // The library sends texts alone: no call answers with bytes.
      send: (data: unknown) => void (!over && typeof data === 'string' && send(data)),
      addEventListener: () => undefined,
    };
    const end = (): void => {
      over = true;
      handler.close(socket);
    };
    const refuse = (why: string): void => {
      end();
      hangUp();
      onError(new Error(`The window ${why}; its line was closed.`));
    };
    return {
      end,
      take(data) {
        if (over) return;
        const kind = typeof data === 'string' ? kindOf(data) : undefined;
        if (typeof data !== 'string' || kind === undefined) return refuse('sent a message that no page of ours sends');
        if (kind === 'call' && open >= MAX_OPEN_CALLS) {
          return refuse(`asked for more than ${MAX_OPEN_CALLS} things at once`);
        }
        open += 1;
        handler
          .message(socket, data, { context: {} })
          // Failures of calls were answered and logged before: this one is of the line itself, and its words may be the window's.
          .catch((error: unknown) => {
            if (!over) onError(new Error(`An answer to the window could not be sent (${nameOf(error)}).`));
          })
          .finally(() => (open -= 1));
        return undefined;
      },
    };
  };
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : typeof error);

/** What a text is, or undefined when it is nothing that a page of ours sends. */
function kindOf(text: string): 'call' | 'abort' | undefined {
  if (text.length > MAX_MESSAGE_CHARACTERS) return undefined;
  try {
    const { success, data } = message.safeParse(JSON.parse(text));
    if (!success) return undefined;
    return 't' in data ? 'abort' : 'call';
  } catch {
    return undefined;
  }
}
