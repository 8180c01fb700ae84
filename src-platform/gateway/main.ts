import { randomUUID } from 'node:crypto';
import { createGateway } from './create-gateway.ts';
import { createGatewayLog, errorFields, type GatewayLog, type LogLevel } from './gateway-log.ts';
import { BadSettings, readGatewaySettings } from './gateway-settings.ts';

/** The gateway as a process: settings from the environment, a ready line on standard output, the log on standard error. */
const logAt = (level?: LogLevel): GatewayLog =>
  createGatewayLog(
    (line) => process.stderr.write(line),
    () => new Date(),
    level,
  );
let log = logAt();

// A log that can't be written (its disk is full) must not end the gateway.
for (const output of [process.stderr, process.stdout]) output.on('error', () => undefined);

try {
  const settings = readGatewaySettings(process.env);
  log = logAt(settings.logLevel);
  const gateway = await createGateway(settings, {
    clock: { monotonic: () => performance.now() },
    log,
    newId: randomUUID,
  });
  const stop = (signal: NodeJS.Signals): void => {
    log.info('stopping', { signal });
    gateway.close().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error('did not stop cleanly', errorFields(error));
        process.exit(1);
      },
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  process.stdout.write(`${JSON.stringify({ ready: true, gateway: gateway.address, id: gateway.id })}\n`);
} catch (error) {
  if (error instanceof BadSettings) process.stderr.write(`${error.message}\n`);
  else log.error('the gateway could not start', errorFields(error));
  process.exitCode = 1;
}
