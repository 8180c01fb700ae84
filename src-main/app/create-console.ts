/**
 * The composition root of the console's main side: ports in, router out. A shell serves the router; it needs nothing else.
 * The console is there as long as its window; a workspace is there while a platform is open.
 */
import path from 'node:path';
import { createKeptFile } from '../infra/kept-file.ts';
import { keptKey } from '../infra/kept-key.ts';
import { createPulse } from '../session/pulse.ts';
import { createCloser } from './closer.ts';
import { createConsoleRouter, type ConsoleRouter } from './console-router.ts';
import { createWorkspace, type OpenedProfile, type WorkspacePorts } from './create-workspace.ts';
import { createWorkspacePlace } from './workspace-place.ts';

export interface ConsolePorts extends WorkspacePorts {
  /** Opened at once, with nothing to type: the local platform. The key of its cache is kept in the data folder. */
  readonly local: Omit<OpenedProfile, 'cacheKey'>;
}

export interface Console {
  readonly router: ConsoleRouter;
  /** Ends the streams and connections. */
  close(): Promise<void>;
}

/** Never fails because a platform is away: that is a state, and the window shows it. */
export async function createConsole(ports: ConsolePorts): Promise<Console> {
  const { log } = ports;
  const closer = createCloser(log);
  const pulse = createPulse(ports.clock);
  closer.add('pulse', () => pulse.close());
  closer.add('printer', () => ports.printer.close());
  const place = createWorkspacePlace();
  closer.add('workspace', () => place.close('The console is closing.'));
  const cacheKey = keptKey(createKeptFile(path.join(ports.dataFolder, 'local-cache.key')), ports.randomBytes);
  await place.open(createWorkspace({ ...ports.local, cacheKey }, ports));
  return { router: createConsoleRouter({ log, pulse, workspace: () => place.find() }), close: () => closer.close() };
}
