import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { text } from 'node:stream/consumers';

/** A D-Bus session with a gnome-keyring of its own, as a desktop has one; nothing of this user's. */
export interface KeyringSession {
  /** For programs that belong to it. */
  readonly env: NodeJS.ProcessEnv;
  /** Starts the daemon; its keyring stays locked. */
  start(): Promise<void>;
  /** Starts the daemon if need be, and gives it the password of its keyring, which the first one makes. */
  unlock(password: string): Promise<void>;
  /** Of the daemon. */
  pid(): Promise<number>;
  /** What is put in from now on is gone with the session. */
  makeVolatile(): Promise<void>;
  /** Ends the session with all that is in it. What the keyring has on disk stays for another session on that folder. */
  end(): Promise<void>;
}

/** One that starts no service by itself: whether there is a keychain decides the test. */
const BUS = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <keep_umask/>
  <listen>unix:tmpdir=/tmp</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`;
const [BUS_ITSELF, BUS_OBJECT] = ['org.freedesktop.DBus', '/org/freedesktop/DBus'];
const MOST_LOOKS = 400;
const SECRETS = 'org.freedesktop.secrets';

/** `daemon`: gnome-keyring's. `home`: where it keeps what it has. */
export async function startKeyringSession(
  daemon: { readonly program: string; readonly env: NodeJS.ProcessEnv },
  home: string,
): Promise<KeyringSession> {
  const runtime = mkdtempSync(path.join(os.tmpdir(), 'tenantdesk-run-'));
  mkdirSync(home, { recursive: true });
  const settings = path.join(runtime, 'bus.conf');
  writeFileSync(settings, BUS);
  const { DISPLAY: _x, WAYLAND_DISPLAY: _w, GNOME_KEYRING_CONTROL: _g, ...outside } = daemon.env;
  const bare = {
    ...outside,
    HOME: home,
    XDG_DATA_HOME: path.join(home, 'data'),
    XDG_CONFIG_HOME: path.join(home, 'config'),
    XDG_CACHE_HOME: path.join(home, 'cache'),
    XDG_RUNTIME_DIR: runtime,
  };
  // It lives as long as its standard input is open, so it ends with this process.
  const bus = spawn(
    'dbus-run-session',
    ['--config-file', settings, '--', 'sh', '-c', 'echo "$DBUS_SESSION_BUS_ADDRESS"; cat'],
    {
      env: bare,
      stdio: ['pipe', 'pipe', 'ignore'],
    },
  );
  const ended = once(bus, 'exit');
  const said = Promise.withResolvers<string>();
  createInterface({ input: bus.stdout }).once('line', said.resolve);
  void ended.then(() => said.reject(new Error('No D-Bus session could be started.')));
  const env: NodeJS.ProcessEnv = { ...bare, DBUS_SESSION_BUS_ADDRESS: await said.promise };

  async function run(program: string, args: readonly string[], input = ''): Promise<string> {
    const child = spawn(program, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
    // Whoever reads nothing may be gone already.
    child.stdin.on('error', () => undefined).end(input);
    const [out, wrong] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    if (child.exitCode !== 0) throw new Error(`${program} ended with ${child.exitCode}: ${wrong}`);
    return out;
  }
  const ask = (destination: string, object: string, method: string, ...args: string[]): Promise<string> =>
    run('dbus-send', ['--session', '--print-reply=literal', `--dest=${destination}`, object, method, ...args]);

  /** The daemon answers for itself before it has its name on the bus. */
  async function untilThere(): Promise<void> {
    for (let look = 0; look < MOST_LOOKS; look += 1) {
      const said = await ask(BUS_ITSELF, BUS_OBJECT, `${BUS_ITSELF}.NameHasOwner`, `string:${SECRETS}`);
      if (said.includes('true')) return;
      await pause(50);
    }
    throw new Error('gnome-keyring did not come to the bus.');
  }

  return {
    env,
    async start() {
      await run(daemon.program, ['--daemonize', '--start', '--components=secrets']);
      await untilThere();
    },
    async unlock(password) {
      await run(daemon.program, ['--replace', '--unlock', '--components=secrets'], password);
      await untilThere();
    },
    async pid() {
      const said = await ask(BUS_ITSELF, BUS_OBJECT, `${BUS_ITSELF}.GetConnectionUnixProcessID`, `string:${SECRETS}`);
      return Number(/uint32 (\d+)/.exec(said)?.[1]);
    },
    async makeVolatile() {
      const [service, session] = ['/org/freedesktop/secrets', '/org/freedesktop/secrets/collection/session'];
      const method = 'org.freedesktop.Secret.Service.SetAlias';
      await ask(SECRETS, service, method, 'string:default', `objpath:${session}`);
    },
    async end() {
      bus.stdin.end();
      await ended;
      rmSync(runtime, { recursive: true, force: true });
    },
  };
}
