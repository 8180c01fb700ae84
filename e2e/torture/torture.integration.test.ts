import { spawn } from 'node:child_process';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';

interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let running: AbortController | undefined;
afterEach(() => running?.abort());

function torture(...args: readonly string[]): Promise<Run> {
  running = new AbortController();
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'torture.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: running.signal,
    killSignal: 'SIGTERM',
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data) => (stdout += String(data)));
  child.stderr.on('data', (data) => (stderr += String(data)));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

test('a short torture breaks no promise', { timeout: 240_000 }, async () => {
  const names = ['cap-holds', 'cut-writes', 'kill-gateways', 'hostile-messages', 'canaries'];
  const { code, stdout, stderr } = await torture('--scale', '0', ...names.flatMap((name) => ['--only', name]));
  expect(code, stderr).toBe(0);
  const { conditions, missed, broken, failures, ...figures } = JSON.parse(stdout) as Record<string, unknown>;
  expect({ missed, broken, failures }).toEqual({ missed: [], broken: [], failures: [] });
  expect(conditions).toMatchObject({ scale: 0 });
  expect(figures).toMatchObject({
    'cap-over': { value: 0, met: true },
    'cap-needless-refusals': { value: 0, met: true },
    'cut-writes-effects': { value: 0, met: true },
    'gateway-kills-ledger': { value: 0, met: true },
    'hostile-browser': { value: 0, met: true },
    'hostile-electron': { value: 0, met: true },
    'canaries-found': { value: 0, met: true },
  });
});

test.each([
  [['--scale', 'much'], '--scale is a number from 0 to 100, not "much".'],
  [['--only', 'nothing'], 'There is no nothing. There are: exactly-fifty, cap-holds'],
])('%j is refused in words', async (args, sentence) => {
  const { code, stdout, stderr } = await torture(...args);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain(sentence);
});
