import type { Logger } from '../infra/logger.ts';

/** Closes what was opened, the last first. */
export interface Closer {
  add(name: string, close: () => void | Promise<void>): void;
  /** Closes each once, also when one of them fails (that is logged); safe to call again. */
  close(): Promise<void>;
}

export function createCloser(log: Logger): Closer {
  const open: { name: string; close: () => void | Promise<void> }[] = [];
  let closing: Promise<void> | undefined;
  async function closeAll(): Promise<void> {
    for (let part = open.pop(); part; part = open.pop()) {
      try {
        await part.close();
      } catch (error) {
        log.error(`Closing ${part.name} failed.`, error);
      }
    }
  }
  return {
    add: (name, close) => void open.push({ name, close }),
    close: () => (closing ??= closeAll()),
  };
}
