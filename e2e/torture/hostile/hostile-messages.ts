import { randomUUID } from 'node:crypto';
import { isContractProcedure } from '@orpc/contract';
import { z } from 'zod';
import { contract } from '../../../src-main/contract/contract.ts';
import type { Random } from '../../../src-platform/local/seeded-random.ts';
import { HOSTILE_TEXTS, WRONG_BODIES, WRONG_PATHS, WRONG_VALUES } from './hostile-values.ts';
import { encode, places, plausible, replaced } from './plausible-input.ts';

/** One message, and what must become of it. */
export interface HostileMessage {
  readonly kind: string;
  readonly data: unknown;
  /**
   * `refused`: answered as BAD_REQUEST. `answered`: with whatever, but a defect. `closed`: the line is hung up. `ignored`: nothing has to come.
   */
  readonly must: 'refused' | 'answered' | 'closed' | 'ignored';
  /** The id of the answer, where one must come. */
  readonly id: string;
}

interface Call {
  readonly path: string;
  readonly input: z.core.$ZodType | undefined;
}

const CALLS: readonly Call[] = Object.entries(contract).flatMap(([group, calls]) =>
  Object.entries(calls).flatMap(([name, call]: [string, unknown]) => {
    if (!isContractProcedure(call)) return [];
    // Schemas of the contract are zod's.
    const input = call['~orpc'].inputSchema as z.core.$ZodType | undefined;
    return [{ path: `/${group}/${name}`, input }];
  }),
);
const WITH_INPUT = CALLS.filter((call): call is Call & { input: z.core.$ZodType } => call.input !== undefined);
/** Without an input there is nothing to get wrong: asking for these is what they are for. */
const MEANT = new Set(['/vault/lock', '/vault/startOver', '/vault/keychain', '/welcome/putAway', '/isolation/run']);
const WITHOUT_INPUT = CALLS.filter(({ path, input }) => input === undefined && !MEANT.has(path));

const TRIES = 30;

/** Makes message after message. `bytes`: the line carries frames, else whatever can be cloned. */
export function createHostileMessages(random: Random, line: 'bytes' | 'clones'): () => HostileMessage {
  let last = 0;
  const nextId = (): string => `h${(last += 1)}`;
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  const call = (id: string, path: string, body: string): string =>
    `{"i":${JSON.stringify(id)},"p":{"u":${JSON.stringify(path)},"b":${body}}}`;

  /** Input of which the contract says that it is none. */
  function wrongInput(): HostileMessage {
    const { path, input } = pick(WITH_INPUT);
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const good = plausible(input, random);
      const bad = replaced(good, pick(places(good)), pick([...WRONG_VALUES, pick(HOSTILE_TEXTS), undefined]));
      if (z.safeParse(input, bad).success) continue;
      const id = nextId();
      return { kind: 'wrong input', must: 'refused', id, data: call(id, path, JSON.stringify(encode(bad))) };
    }
    return wrongBody();
  }
  /** Input that is understood, of clients that are not there, with texts that try something. */
  function hostileText(): HostileMessage {
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const { path, input } = pick(WITH_INPUT);
      const good = plausible(input, random);
      if (typeof good !== 'object' || good === null || !('tenantId' in good)) continue;
      const bad = replaced(good, pick(places(good).filter(({ length }) => length > 0)), pick(HOSTILE_TEXTS));
      const made = { ...(bad as object), tenantId: randomUUID() };
      if (!z.safeParse(input, made).success) continue;
      const id = nextId();
      return { kind: 'hostile text', must: 'answered', id, data: call(id, path, JSON.stringify(encode(made))) };
    }
    return wrongInput();
  }
  function wrongBody(): HostileMessage {
    const { path } = pick(
      WITH_INPUT.filter(({ input }) => !z.safeParse(input, {}).success && !z.safeParse(input, undefined).success),
    );
    const id = nextId();
    return { kind: 'wrong body', must: 'refused', id, data: call(id, path, pick(WRONG_BODIES)) };
  }
  /** Calls without an input, asked with one, and given up again. */
  function bodyForNothing(): HostileMessage {
    const id = nextId();
    return {
      kind: 'input for none',
      must: 'answered',
      id,
      data: call(id, pick(WITHOUT_INPUT).path, pick(WRONG_BODIES)),
    };
  }
  function wrongPath(): HostileMessage {
    const id = nextId();
    return { kind: 'wrong path', must: 'answered', id, data: call(id, pick(WRONG_PATHS), '{"json":{}}') };
  }
  /** Words of the line itself that no page says. */
  function wrongWord(): HostileMessage {
    const id = nextId();
    const good = call(id, '/audit/list', '{"json":{"limit":1}}');
    const words: readonly unknown[] = [
      good.slice(0, Math.floor(random() * (good.length - 1))),
      `${good}${good}`,
      `${good}\u0000`,
      good.replace('"i":', '"i":1,"x":'),
      good.replace(JSON.stringify(id), pick(['1', 'null', '{}', '""', JSON.stringify('x'.repeat(300))])),
      good.replace(
        '/audit/list',
        pick([
          'https://evil.example/audit/list',
          '//audit/list',
          '/audit/../audit/list',
          '/audit/list?data={}',
          '/audit/list/',
          '/audit',
          '/__proto__/list',
          '/audit/__proto__',
          '',
          '\\\\audit\\\\list',
        ]),
      ),
      good.replace(
        '"b":',
        pick([
          '"m":"GET","b":',
          '"h":{"content-type":"multipart/form-data"},"b":',
          '"h":{"content-disposition":"attachment"},"b":',
          '"h":[],"b":',
          '"h":{"content-type":"text/event-stream"},"b":',
        ]),
      ),
      `{"i":"${id}","t":${pick(['2', '3', '0', '-1', '1e999', '"4"', 'null'])},"p":{"e":"message","d":1}}`,
      pick(['', ' ', 'null', '[]', '0', '"text"', '{}', '{"i":"a"}', '{"p":{}}', 'GET / HTTP/1.1\r\n\r\n', '\ufeff{}']),
      '['.repeat(100_000),
      `"${'x'.repeat(300_000)}"`,
    ];
    return { kind: 'wrong word', must: 'closed', id, data: pick(words) };
  }
  function aborts(): HostileMessage {
    const id = pick(['never asked', `h${Math.floor(random() * (last + 1))}`, '__proto__', 'constructor']);
    return { kind: 'abort of anything', must: 'ignored', id, data: JSON.stringify({ i: id, t: 4 }) };
  }
  function noText(): HostileMessage {
    const bytes = Buffer.from(Array.from({ length: 1 + Math.floor(random() * 200) }, () => Math.floor(random() * 256)));
    const id = nextId();
    if (line === 'bytes') return { kind: 'binary frame', must: 'closed', id, data: bytes };
    const loop: Record<string, unknown> = { i: id };
    loop['p'] = loop;
    const clones: readonly unknown[] = [
      undefined,
      null,
      7,
      1n,
      Number.NaN,
      bytes,
      new ArrayBuffer(8),
      new Map([[id, 1]]),
      new Error(id),
      /x/,
      loop,
      { i: id, p: { u: '/audit/list', b: {} } },
      [id],
    ];
    return { kind: 'no text', must: 'closed', id, data: pick(clones) };
  }

  return () => {
    const roll = random();
    if (roll < 0.5) return wrongInput();
    if (roll < 0.62) return hostileText();
    if (roll < 0.74) return wrongBody();
    if (roll < 0.78) return bodyForNothing();
    if (roll < 0.83) return wrongPath();
    if (roll < 0.91) return wrongWord();
    if (roll < 0.95) return aborts();
    return noText();
  };
}
