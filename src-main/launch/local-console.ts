import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { createConsole, type Console, type ConsolePorts } from '../app/create-console.ts';
import { knownSchema } from '../app/known-schema.ts';
import { systemPorts } from '../app/system-ports.ts';
import type { PdfPrinter } from '../infra/pdf-printer.ts';
import type { AskForFolder } from '../infra/report-folders.ts';
import type { ShellAbilities } from '../shell/shell-service.ts';
import { knownFolders } from './known-folders.ts';
import type { Lifetime } from './lifetime.ts';
import { joinPlatform, startLocalPlatform, type Platform } from './local-platform.ts';
import type { StartOptions } from './start-options.ts';

export interface LocalConsoleOptions {
  readonly options: StartOptions;
  readonly lifetime: Lifetime;
  readonly say: (line: string) => void;
  readonly projectFolder: string;
  /** The Node that runs the platform. */
  readonly node: string;
  readonly shell: ConsolePorts['shell'];
  /** The shell's own dialog for a folder; null: it has none. */
  readonly ask: AskForFolder | null;
  readonly printer: PdfPrinter;
  readonly abilities: ShellAbilities | Promise<ShellAbilities>;
  /** An installed console's own folder: it has no local platform to start. */
  readonly installedIn?: string | undefined;
}

/** The local platform (or one that runs already) and the console on it. What was started ends with the lifetime. */
export async function startLocalConsole(settings: LocalConsoleOptions): Promise<Console> {
  const { options, lifetime, projectFolder, shell, ask, printer } = settings;
  const platform = await findPlatform(settings);
  const known = knownFolders(process.env, options.exports);
  const console = await createConsole({
    local:
      'operator' in platform
        ? {
            profile: { name: 'Local platform', kind: 'local', colour: 'teal' },
            operator: { ...platform.operator, gatewayUrl: platform.gatewayUrl },
          }
        : null,
    // The smoke test looks at the platform that it started.
    beginsLocal: options.smoke,
    shell,
    version: readVersion(projectFolder),
    schema: knownSchema(projectFolder),
    dataFolder: path.join(platform.data, 'console'),
    exportFolder: known[0].path,
    reportFolders: { known, ask },
    printer,
    abilities: await settings.abilities,
    ...systemPorts(settings.node, logWhatIsWrong),
  });
  lifetime.onClose('console', () => console.close());
  return console;
}

/** One that runs already, none for an installed console, else one that is started now. */
async function findPlatform(settings: LocalConsoleOptions): Promise<Platform | Pick<Platform, 'data'>> {
  const { options, installedIn } = settings;
  if (options.join !== undefined) return joinPlatform(options.join, options.role);
  return installedIn === undefined ? await startPlatform(settings) : { data: installedIn };
}

async function startPlatform({ options, lifetime, say, projectFolder, node }: LocalConsoleOptions): Promise<Platform> {
  say('TenantDesk: starting the local platform …');
  const { signal } = lifetime;
  const starting = startLocalPlatform({ options, projectFolder, node, say, signal });
  lifetime.onClose('local platform', async () => {
    const [platform] = await Promise.allSettled([starting]);
    if (platform.status === 'fulfilled') await platform.value.child.stop();
  });
  const platform = await starting;
  void platform.child.exited.then(({ code, signal: by }) =>
    lifetime.end({ exitCode: 1, message: `The local platform ended by itself (${by ?? `exit code ${code}`}).` }),
  );
  return platform;
}

function readVersion(projectFolder: string): string {
  const manifest = readFileSync(path.join(projectFolder, 'package.json'), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(manifest)).version;
}

/** The terminal of `npm start` shows what is wrong and not what is well. */
function logWhatIsWrong(line: string): void {
  if (!line.includes('"level":"info"')) process.stderr.write(line);
}
