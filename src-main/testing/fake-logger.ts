import type { Logger } from '../infra/logger.ts';

export interface FakeLogger extends Logger {
  /** What was logged: level, message, and the cause of an error. */
  readonly lines: { readonly level: 'info' | 'warn' | 'error'; readonly message: string; readonly cause?: unknown }[];
}

export function createFakeLogger(): FakeLogger {
  const lines: FakeLogger['lines'] = [];
  return {
    lines,
    info: (message) => void lines.push({ level: 'info', message }),
    warn: (message) => void lines.push({ level: 'warn', message }),
    error: (message, cause) => void lines.push({ level: 'error', message, cause }),
  };
}
