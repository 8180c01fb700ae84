import { describe, expect, test } from 'vitest';
import { createProviderHealth } from './provider-health.ts';

function desk() {
  let now = 100_000;
  const health = createProviderHealth(() => now);
  return {
    health,
    pass: (ms: number) => {
      now += ms;
    },
    send: (count = 1) => Array.from({ length: count }, () => health.sent('openai')),
    away: () => health.away,
  };
}

describe('a provider', () => {
  test('is away after two calls in a row that it did not answer, and back with its next answer', () => {
    const { send, pass, away } = desk();
    const [first, second, third] = send(3);
    first!.failed();
    expect(away()).toEqual([]);
    pass(300);
    second!.failed();
    pass(200);
    expect(away()).toEqual([{ id: 'openai', awayMs: 500 }]);
    third!.answered();
    expect(away()).toEqual([]);
  });

  test('is not away for failures with answers between, nor for the same failure told twice', () => {
    const { send, away } = desk();
    const [first, second, third] = send(3);
    first!.failed();
    second!.answered();
    third!.failed();
    third!.failed();
    expect(away()).toEqual([]);
  });

  test('is away when three calls wait and nothing is heard for five seconds', () => {
    const { send, pass, away } = desk();
    send(2);
    pass(1_000);
    const [third] = send(1);
    pass(4_500);
    expect(away(), 'two wait so long').toEqual([]);
    pass(500);
    expect(away()).toEqual([{ id: 'openai', awayMs: 6_000 }]);
    third!.answered();
    expect(away(), 'the others may be long answers').toEqual([]);
  });

  test('is not away for long answers while others come, nor for clients that left', () => {
    const { send, pass, away } = desk();
    send(5);
    pass(4_000);
    send(1)[0]!.answered();
    pass(10_000);
    expect(away()).toEqual([]);
    const calls = send(3);
    for (const call of calls) call.dropped();
    pass(10_000);
    expect(away()).toEqual([]);
  });

  test('that nobody asked for a minute is not said to be away', () => {
    const { send, pass, away } = desk();
    for (const call of send(2)) call.failed();
    pass(59_000);
    expect(away()).toHaveLength(1);
    pass(1_000);
    expect(away()).toEqual([]);
    send(1)[0]!.failed();
    expect(away(), 'begins anew').toEqual([]);
  });
});
