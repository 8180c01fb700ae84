/** The key that a passphrase gives: argon2id, on a thread of its own, because it takes longer than the window may wait for a frame. */
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import { KEY_BYTES } from './vault-crypto.ts';
import type { Wrap } from './vault-format.ts';

export type PassphraseKdf = Extract<Wrap, { kind: 'passphrase' }>['kdf'];

/** 32 bytes that the passphrase alone gives. */
export type DeriveKey = (passphrase: string, kdf: PassphraseKdf) => Promise<Buffer>;

/** RFC 9106, section 4, the second recommended option: 64 MiB. */
export const PASSPHRASE_COST = { memoryKib: 65_536, passes: 3, lanes: 4 } as const;
export const SALT_BYTES = 16;

/** Runs as it stands here, whatever the program was bundled into; hash-wasm because Electron's own crypto has no argon2. */
const THREAD = `
const { parentPort, workerData } = require('node:worker_threads');
const { argon2id } = require(workerData.module);
argon2id(workerData.options).then((key) => parentPort.postMessage(key));`;

/** 32 bytes; about a third of a second. The same passphrase typed on another keyboard (Unicode forms) gives the same key. */
export async function passphraseKey(passphrase: string, kdf: PassphraseKdf): Promise<Buffer> {
  const worker = new Worker(THREAD, {
    eval: true,
    env: {},
    workerData: {
      module: createRequire(import.meta.url).resolve('hash-wasm'),
      options: {
        password: passphrase.normalize('NFKC'),
        salt: Buffer.from(kdf.salt, 'base64'),
        memorySize: kdf.memoryKib,
        iterations: kdf.passes,
        parallelism: kdf.lanes,
        hashLength: KEY_BYTES,
        outputType: 'binary',
      },
    },
  });
  try {
    const answer = Promise.withResolvers<unknown>();
    worker.once('message', answer.resolve);
    worker.once('error', answer.reject);
    worker.once('exit', () => answer.reject(new Error('The thread ended without a key.')));
    return Buffer.from(z.instanceof(Uint8Array).parse(await answer.promise));
  } finally {
    await worker.terminate();
  }
}
