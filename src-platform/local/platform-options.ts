import { parseArgs } from 'node:util';

/** The command line of `npm run platform`. */
export interface PlatformCommand {
  readonly json: boolean;
  readonly help: boolean;
  /** Undefined: the user's data folder, or a sibling of it where another platform runs there. */
  readonly data: string | undefined;
  readonly tenants: number;
  readonly traffic: boolean;
  readonly rate: number | undefined;
  readonly history: number | undefined;
  readonly openaiBaseUrl: string | undefined;
  readonly anthropicBaseUrl: string | undefined;
}

/** The command line cannot be understood; the message says what is wrong. */
export class PlatformOptionsError extends Error {
  override readonly name = 'PlatformOptionsError';
}

export const PLATFORM_HELP = `npm run platform -- [options]

Starts a whole platform on this machine: PostgreSQL, Redis, gateway, a pretend AI provider, demo clients and their traffic.
Everything it starts ends with it (Ctrl-C, SIGTERM).

  --json                    print one JSON line on standard output when ready
  --data DIR                data folder (default: in the user's data folder; a second start at once takes a sibling of it)
  --tenants N               number of demo clients, 0 to 5000 (default 12)
  --no-traffic              no live calls of the demo clients
  --rate N                  live calls a second over all clients (default: 8 to 12 for the dozen, 20 to 40 for a thousand)
  --history ROWS            calls of the demo's 13 months of history (default 85000)
  --openai-base-url URL     another provider of OpenAI's models, such as http://localhost:8080/v1 (credential: OPENAI_API_KEY)
  --anthropic-base-url URL  likewise for Anthropic's, such as http://localhost:8080 (credential: ANTHROPIC_API_KEY)
  --help                    this text
`;

const DEFAULT_TENANTS = 12;
const MOST_TENANTS = 5_000;
const MOST_CALLS_A_SECOND = 1_000;
const MOST_ROWS = 10_000_000;

/** @throws PlatformOptionsError */
export function readPlatformOptions(args: readonly string[]): PlatformCommand {
  const { values } = parse(args);
  return {
    json: values.json ?? false,
    help: values.help ?? false,
    data: values.data === undefined ? undefined : notEmpty('--data', values.data),
    tenants: integer('--tenants', values.tenants, MOST_TENANTS) ?? DEFAULT_TENANTS,
    traffic: !(values['no-traffic'] ?? false),
    rate: integer('--rate', values.rate, MOST_CALLS_A_SECOND),
    history: integer('--history', values.history, MOST_ROWS),
    openaiBaseUrl: address('--openai-base-url', values['openai-base-url']),
    anthropicBaseUrl: address('--anthropic-base-url', values['anthropic-base-url']),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      strict: true,
      options: {
        json: { type: 'boolean' },
        help: { type: 'boolean' },
        data: { type: 'string' },
        tenants: { type: 'string' },
        'no-traffic': { type: 'boolean' },
        rate: { type: 'string' },
        history: { type: 'string' },
        'openai-base-url': { type: 'string' },
        'anthropic-base-url': { type: 'string' },
      },
    });
  } catch (error) {
    throw new PlatformOptionsError(error instanceof Error ? error.message : String(error));
  }
}

function integer(option: string, text: string | undefined, most: number): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(value) || value > most) {
    throw new PlatformOptionsError(`${option} wants a whole number from 0 to ${most}, not "${text}".`);
  }
  return value;
}

function address(option: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const url = URL.parse(text);
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new PlatformOptionsError(`${option} wants an address such as http://localhost:8080/v1, not "${text}".`);
  }
  return text.replace(/\/+$/, '');
}

function notEmpty(option: string, text: string): string {
  if (text === '') throw new PlatformOptionsError(`${option} wants the name of a folder.`);
  return text;
}
