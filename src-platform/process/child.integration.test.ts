import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChildStartError, runToEnd, startChild, type ChildOptions } from './child.ts';
import { freePort } from './free-port.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'tenantdesk-child-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A child that runs a line of JavaScript. */
function script(code: string, options: Partial<ChildOptions> = {}): ChildOptions {
  return { name: 'The test child', command: process.execPath, args: ['-e', code], stopSignal: 'SIGTERM', ...options };
}

/** Resolves when no such process is there any more; a zombie is none. */
async function untilGone(pid: number): Promise<void> {
  for (;;) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      if (stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z')) return;
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('ready', () => {
  it('is what the child itself says, on either output', async () => {
    for (const stream of ['stdout', 'stderr']) {
      const code = `process.${stream}.write('warming up\\nready on 7\\n'); setInterval(() => {}, 1000)`;
      const child = await startChild(script(code, { ready: /^ready on \d+$/ }));
      expect(child.readyLine).toBe('ready on 7');
      await child.stop();
    }
  });

  it('is not a port that somebody else answers on', async () => {
    const stranger = createServer().listen(0, '127.0.0.1');
    await once(stranger, 'listening');
    const port = (stranger.address() as { port: number }).port;
    const code = `require('net').createServer().listen(${port}, '127.0.0.1', () => console.log('ready'))`;
    await expect(startChild(script(code, { ready: /^ready$/ }))).rejects.toThrow(/EADDRINUSE/);
    stranger.close();
  });

  it('is refused with the last words of a child that ends first', async () => {
    const failing = startChild(script(`console.error('no disk left'); process.exit(3)`, { ready: /ready/ }));
    await expect(failing).rejects.toThrow(ChildStartError);
    await expect(failing).rejects.toThrow(/exit code 3 before it was ready.\n.*no disk left/s);
  });

  it('has a time limit, after which nothing is left', async () => {
    let pid = 0;
    const options = script('console.log(process.pid); setInterval(() => {}, 1000)', {
      ready: /ready/,
      readyTimeoutMs: 400,
      onLine: (line) => (pid = Number(line)),
    });
    await expect(startChild(options)).rejects.toThrow('not ready after 0.4 s');
    await untilGone(pid);
  });

  it('is refused for a program that is not there', async () => {
    await expect(startChild({ ...script(''), command: path.join(folder, 'absent'), ready: /^ready$/ })).rejects.toThrow(
      ChildStartError,
    );
  });

  it('is not waited for any longer once the start is called off', async () => {
    const off = new AbortController();
    const starting = startChild(
      script(`console.log('one'); setInterval(() => {}, 1000)`, {
        ready: /ready/,
        signal: off.signal,
        onLine: () => off.abort(),
      }),
    );
    await expect(starting).rejects.toThrow('before it was ready');
  });
});

describe('a program that ends by itself', () => {
  it('is run to its end, or to ours', async () => {
    expect(await runToEnd(script('process.exit(4)'))).toEqual({ code: 4, signal: null });
    const off = new AbortController();
    const endless = script(`console.log('one'); setInterval(() => {}, 1000)`, {
      signal: off.signal,
      onLine: () => off.abort(),
    });
    expect(await runToEnd(endless)).toEqual({ code: null, signal: 'SIGTERM' });
  });
});

describe('stopping', () => {
  it('is not done by the signal that calls off a start', async () => {
    const off = new AbortController();
    const child = await startChild(
      script(`console.log('ready'); setInterval(() => {}, 1000)`, {
        ready: /ready/,
        signal: off.signal,
      }),
    );
    off.abort();
    process.kill(child.pid, 0);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(readFileSync(`/proc/${child.pid}/stat`, 'utf8')).not.toMatch(/\) Z /);
    await child.stop();
  });

  it('lets the child close in its own way, and is safe to repeat', async () => {
    const file = path.join(folder, 'closed');
    const code = `process.on('SIGINT', () => { require('fs').writeFileSync(${JSON.stringify(file)}, 'cleanly'); process.exit(0) });
      console.log('ready'); setInterval(() => {}, 1000)`;
    const child = await startChild(script(code, { ready: /ready/, stopSignal: 'SIGINT' }));
    await Promise.all([child.stop(), child.stop()]);
    await child.stop();
    expect(readFileSync(file, 'utf8')).toBe('cleanly');
    expect(await child.exited).toEqual({ code: 0, signal: null });
  });

  it('kills a child that does not close', async () => {
    const code = `process.on('SIGTERM', () => {}); console.log('ready'); setInterval(() => {}, 1000)`;
    const child = await startChild(script(code, { ready: /ready/, stopTimeoutMs: 300 }));
    await child.stop();
    expect((await child.exited).signal).toBe('SIGKILL');
  });

  it('is not done by a signal of the terminal: the child has a process group of its own', async () => {
    const child = await startChild(script(`console.log('ready'); setInterval(() => {}, 1000)`, { ready: /ready/ }));
    const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
    const group = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]);
    expect(group).toBe(child.pid);
    await child.stop();
  });
});

describe('a parent killed by SIGKILL', () => {
  /** Starts a process that starts a child, kills it and resolves when the child is gone. */
  async function killParent(wrap: { env?: NodeJS.ProcessEnv; options?: string }): Promise<void> {
    const parentScript = path.join(folder, `parent-${Math.random().toString(36).slice(2)}.mjs`);
    const source = `import { startChild } from ${JSON.stringify(pathToFileURL(path.join(import.meta.dirname, 'child.ts')).href)};
      const child = await startChild({ name: 'x', command: process.execPath, stopSignal: 'SIGTERM', ready: /ready/,
        args: ['-e', "console.log('ready', process.pid); setInterval(() => {}, 1000)"], ${wrap.options ?? ''} });
      console.log(child.readyLine);`;
    writeFileSync(parentScript, source);
    const parent = spawn(process.execPath, [parentScript], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...wrap.env },
    });
    const [line] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string];
    const pid = Number(line.split(' ')[1]);
    expect(pid).toBeGreaterThan(0);
    parent.kill('SIGKILL');
    await untilGone(pid);
  }

  it('takes its child with it', () => killParent({}));

  it('takes a child with it that refuses root', () => killParent({ options: 'refusesRoot: true' }));

  it('takes its child with it where the kernel does not help', () =>
    // Without setpriv on PATH the guard process does it.
    killParent({ env: { PATH: folder } }));
});

describe('a program that refuses root', () => {
  it('sees an ordinary user, with the files still ours', async () => {
    const code = `require('fs').writeFileSync(${JSON.stringify(path.join(folder, 'made'))}, ''); console.log('uid', process.getuid())`;
    const child = await startChild(script(code, { refusesRoot: true, ready: /^uid/ }));
    expect(child.readyLine).not.toBe('uid 0');
    expect((await child.exited).code).toBe(0);
  });
});

describe('extra pipes', () => {
  it('join parent and child from descriptor 3 on', async () => {
    const code = `process.stdin.resume(); require('fs').createReadStream(null, { fd: 3 }).pipe(require('fs').createWriteStream(null, { fd: 4 }))`;
    const child = await startChild(script(code, { extraPipes: 2 }));
    const [out, back] = child.pipes;
    (out as Writable).write('there and back');
    expect(String((await once(back as Readable, 'data'))[0])).toBe('there and back');
    await child.stop();
  });
});

it('free ports are free', async () => {
  const port = await freePort();
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  server.close();
});
