/** keytar's place is taken by a file that does what a test says. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { KeychainLibrary } from './keychain.ts';
import { createKeychainProcess } from './keychain-process.ts';

const KEY = 'c2VjcmV0IGtleSBvZiB0aGUgdmF1bHQ=';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'tenantdesk-keytar-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function libraryOf(program: string): KeychainLibrary {
  const library = path.join(folder, 'keytar.cjs');
  writeFileSync(library, program);
  return createKeychainProcess({ node: process.execPath, env: process.env, library });
}

it('hands on what keytar answers: a key, nothing, an error in its words', async () => {
  const keytar = libraryOf(`
    const { readFileSync, writeFileSync, existsSync } = require('node:fs');
    const file = __filename + '.kept';
    exports.setPassword = async (service, account, password) => writeFileSync(file, password);
    exports.getPassword = async () => existsSync(file) ? readFileSync(file, 'utf8') : null;
    exports.deletePassword = async () => { throw new Error('The operation was cancelled by the user'); };`);
  expect(await keytar.getPassword('TenantDesk', 'one')).toBeNull();
  await keytar.setPassword('TenantDesk', 'one', KEY);
  expect(await keytar.getPassword('TenantDesk', 'one')).toBe(KEY);
  await expect(keytar.deletePassword('TenantDesk', 'one')).rejects.toThrow('cancelled by the user');
});

it('says what keeps keytar from loading, and outlives its crash', async () => {
  await expect(libraryOf(`throw new Error('libsecret-1.so.0: cannot open')`).getPassword('a', 'b')).rejects.toThrow(
    'libsecret',
  );
  await expect(libraryOf(`process.kill(process.pid, 'SIGSEGV')`).getPassword('a', 'b')).rejects.toThrow(
    'without an answer',
  );
  const nowhere = createKeychainProcess({ node: path.join(folder, 'no-node'), env: process.env });
  await expect(nowhere.getPassword('a', 'b')).rejects.toThrow('ENOENT');
});

it.skipIf(process.platform !== 'linux')('keeps the key out of arguments and environment', async () => {
  const keytar = libraryOf(`
    const { readFileSync, writeFileSync } = require('node:fs');
    exports.setPassword = async () => writeFileSync(__filename + '.seen',
      readFileSync('/proc/self/cmdline', 'utf8') + readFileSync('/proc/self/environ', 'utf8'));`);
  await keytar.setPassword('TenantDesk', 'one', KEY);
  expect(readFileSync(path.join(folder, 'keytar.cjs.seen'), 'utf8')).not.toContain(KEY);
});

it('does not keep the console from ending while a keychain hangs, nor outlives it', () => {
  const file = path.join(folder, 'keytar.cjs');
  writeFileSync(
    file,
    `exports.getPassword = () => {
      require('node:fs').writeFileSync(__filename + '.pid', String(process.pid));
      return new Promise(() => setInterval(() => undefined, 1000));
    };`,
  );
  const pid = execFileSync(process.execPath, [
    '--input-type=module',
    '-e',
    `import { createKeychainProcess } from ${JSON.stringify(path.join(import.meta.dirname, 'keychain-process.ts'))};
     import { existsSync, readFileSync } from 'node:fs';
     const file = ${JSON.stringify(`${file}.pid`)};
     createKeychainProcess({ node: process.execPath, env: process.env, library: ${JSON.stringify(file)} }).getPassword('a', 'b').catch(() => undefined);
     setInterval(() => {
       if (!existsSync(file) || readFileSync(file, 'utf8') === '') return;
       process.stdout.write(readFileSync(file, 'utf8'));
       process.exit(0);
     }, 20);`,
  ]).toString();
  expect(Number(pid)).toBeGreaterThan(0);
  const gone = (): boolean => {
    try {
      process.kill(Number(pid), 0);
      return /State:\s+Z/.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
    } catch {
      return true;
    }
  };
  return expect.poll(gone, { timeout: 20_000 }).toBe(true);
});
