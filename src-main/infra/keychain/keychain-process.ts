/**
 * keytar in a process of its own, one a question. On Linux it waits inside D-Bus calls on threads that nobody can end: a keychain
 * that hangs, or that asks its user something, would keep the console itself from ending. A process can be killed.
 *
 * The question goes in by standard input, the answer comes by standard output; neither stands in arguments or the environment.
 * macOS and Windows ask who the calling program is, so there the console itself asks (`load-keychain.ts`).
 */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import type { KeychainLibrary } from './keychain.ts';

/** So long somebody may look for the password of their keychain; the console itself waits less. */
const LONGEST_MS = 60_000;

/** Runs as it stands here, whatever the program was bundled into. When the console ends, its end of the pipe does. */
const PROGRAM = `
const { writeSync } = require('node:fs');
const end = (answer) => {
  writeSync(1, JSON.stringify(answer));
  process.kill(process.pid, 'SIGKILL');
};
let question = '';
process.stdin.setEncoding('utf8').on('data', (text) => {
  question += text;
  if (!question.endsWith('\\n')) return;
  try {
    const [call, ...args] = JSON.parse(question);
    require(process.argv[1])[call](...args).then(
      (value) => end({ value: value ?? null }),
      (error) => end({ error: String(error.message) }),
    );
  } catch (error) {
    end({ error: String(error.message) });
  }
}).on('end', () => process.kill(process.pid, 'SIGKILL'));`;

const answer = z.union([
  z.object({ value: z.union([z.string(), z.boolean(), z.null()]) }),
  z.object({ error: z.string() }),
]);

export interface KeychainProcessOptions {
  /** A real Node: inside Electron it is not this program. */
  readonly node: string;
  /** Where the keychain is found: D-Bus's address, the user's home. */
  readonly env: NodeJS.ProcessEnv;
  /** In place of keytar, in tests. */
  readonly library?: string;
}

export function createKeychainProcess({ node, env, library }: KeychainProcessOptions): KeychainLibrary {
  const module = library ?? createRequire(import.meta.url).resolve('keytar');
  // A debugger's or a test runner's options are not for it.
  const { NODE_OPTIONS: _ours, ...environment } = env;

  async function ask(question: readonly [call: keyof KeychainLibrary, ...args: string[]]): Promise<unknown> {
    const child = spawn(node, ['-e', PROGRAM, module], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: environment,
      timeout: LONGEST_MS,
      killSignal: 'SIGKILL',
    });
    // It may have ended before it read.
    child.stdin.on('error', () => undefined);
    child.stdin.write(`${JSON.stringify(question)}\n`);
    const failed = Promise.withResolvers<never>();
    child.once('error', failed.reject);
    const said = await Promise.race([text(child.stdout), failed.promise]);
    const read = said === '' ? undefined : answer.safeParse(JSON.parse(said));
    if (read?.success !== true) throw new Error('The process that asks the keychain ended without an answer.');
    if ('error' in read.data) throw new Error(read.data.error);
    return read.data.value;
  }

  return {
    getPassword: async (service, account) =>
      z
        .string()
        .nullable()
        .parse(await ask(['getPassword', service, account])),
    setPassword: async (service, account, password) => {
      await ask(['setPassword', service, account, password]);
    },
    deletePassword: async (service, account) => z.boolean().parse(await ask(['deletePassword', service, account])),
  };
}
