/**
 * Requests to the pretend provider itself, written in square brackets in the last user message:
 *
 * | marker                  | effect                                                                        |
 * |-------------------------|-------------------------------------------------------------------------------|
 * | `[answer 120 tokens]`   | the answer is 120 tokens long (never above the request's own limit)             |
 * | `[answer fast]`         | no waiting, and no failure by chance                                          |
 * | `[cached 100 tokens]`   | 100 of the prompt's tokens are billed as cached (never more than there are)     |
 * | `[reasoning 50 tokens]` | 50 of the answer's tokens are reasoning                                        |
 * | `[delay 300]`           | 300 ms more before the first byte                                            |
 * | `[gap 100]`             | 100 ms between the chunks of a stream                                         |
 * | `[fail 500]`            | answers with this status (400 to 599) and bills nothing                       |
 * | `[cut 3]`               | a stream's connection is cut after 3 chunks; what was made until then is billed |
 * | `[break]`               | bills the whole answer, then the connection breaks instead of it               |
 * | `[written 90 tokens]`   | 90 of the prompt's tokens are billed as written to the cache; `… for an hour`: so long |
 * | `[bill nothing]`        | nothing is billed, and the usage says so with zeros                           |
 * | `[call weather {…}]`    | the answer is a call of the tool `weather`, if the request has it; to its result it answers in words |
 * | `[bill unknown]`        | the answer carries no usage, though it is billed                               |
 */
export interface Markers {
  readonly answerTokens?: number;
  readonly fast: boolean;
  readonly cachedTokens?: number;
  readonly reasoningTokens?: number;
  readonly delayMs: number;
  readonly gapMs?: number;
  readonly failStatus?: number;
  readonly cutAfterChunks?: number;
  readonly breaks: boolean;
  readonly writtenTokens?: number;
  readonly writtenForAnHour: boolean;
  readonly billsNothing: boolean;
  /** `input`: JSON. */
  readonly callTool?: { readonly name: string; readonly input: string };
  readonly hideUsage: boolean;
}

const MOST_TOKENS = 1_000_000;
const MOST_DELAY_MS = 600_000;

/** Reads the markers of a message; what is no marker is ordinary text. */
export function readMarkers(text: string): Markers {
  const failStatus = numberIn(text, /\[fail (\d{1,9})\]/);
  const delay = numberIn(text, /\[delay (\d{1,9})\]/) ?? 0;
  const gap = numberIn(text, /\[gap (\d{1,9})\]/);
  return {
    answerTokens: atMost(numberIn(text, /\[answer (\d{1,9}) tokens?\]/), MOST_TOKENS),
    fast: text.includes('[answer fast]'),
    cachedTokens: atMost(numberIn(text, /\[cached (\d{1,9}) tokens?\]/), MOST_TOKENS),
    reasoningTokens: atMost(numberIn(text, /\[reasoning (\d{1,9}) tokens?\]/), MOST_TOKENS),
    delayMs: Math.min(delay, MOST_DELAY_MS),
    gapMs: atMost(gap, MOST_DELAY_MS),
    failStatus: failStatus !== undefined && failStatus >= 400 && failStatus <= 599 ? failStatus : undefined,
    cutAfterChunks: numberIn(text, /\[cut (\d{1,9})\]/),
    breaks: text.includes('[break]'),
    writtenTokens: atMost(numberIn(text, /\[written (\d{1,9}) tokens?( for an hour)?\]/), MOST_TOKENS),
    writtenForAnHour: /\[written \d{1,9} tokens? for an hour\]/.test(text),
    billsNothing: text.includes('[bill nothing]'),
    callTool: toolIn(text),
    hideUsage: text.includes('[bill unknown]'),
  };
}

function toolIn(text: string): Markers['callTool'] {
  const [, name, input] = /\[call ([\w-]{1,64}) (\{[^\]]*\})\]/.exec(text) ?? [];
  return name === undefined || input === undefined ? undefined : { name, input };
}

function numberIn(text: string, pattern: RegExp): number | undefined {
  const digits = pattern.exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function atMost(value: number | undefined, limit: number): number | undefined {
  return value === undefined ? undefined : Math.min(value, limit);
}
