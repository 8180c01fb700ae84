/**
 * The window's way to the console: one MessagePort at a time, handed out on asking, to nobody but the page of our window.
 * Over it the page calls the contract, in the same text messages as over the browser shell's socket.
 */
import type { IpcMainEvent, MessageChannelMain, MessagePortMain } from 'electron';
import type { ConsoleRouter } from '../app/console-router.ts';
import { createWindowLines, type WindowLine } from '../app/window-lines.ts';
import { APP_ORIGIN } from './app-protocol.ts';
import { PORT_CHANNEL } from './port-names.ts';

export interface ConsolePortOptions {
  /** The console may still be starting: what the page asks meanwhile waits in its port. */
  readonly router: Promise<ConsoleRouter>;
  readonly openChannel: () => MessageChannelMain;
  /** Hears of messages that could not be understood; never of what they carried. */
  readonly onError: (error: unknown) => void;
}

export interface ConsolePort {
  /** Hands a fresh port to the frame that asked; the one before it is closed, and its streams end. */
  handTo(frame: NonNullable<IpcMainEvent['senderFrame']>): void;
  close(): void;
}

/** True for the main frame of that window showing our page: all three, since each alone has been forged before. */
export function isOurPage({ sender, senderFrame }: Pick<IpcMainEvent, 'sender' | 'senderFrame'>, id: number): boolean {
  if (sender.id !== id || senderFrame === null || senderFrame.detached) return false;
  return senderFrame.parent === null && senderFrame.origin === APP_ORIGIN;
}

export function createConsolePort({ router, openChannel, onError }: ConsolePortOptions): ConsolePort {
  const lines = router.then(createWindowLines);
  let endCurrent = (): void => undefined;

  /** Resolves the port's calls once the console is there; returns what ends it (safe to call again). */
  function serve(port: MessagePortMain): () => void {
    let line: WindowLine | undefined;
    const end = (): void => {
      line?.end();
      port.close();
    };
    port.on('close', end);
    port.on('message', ({ data }) => line?.take(data));
    lines
      .then((serveLine) => {
        line = serveLine({ send: (text) => port.postMessage(text), hangUp: () => port.close(), onError });
        port.start();
      })
      .catch(onError);
    return end;
  }

  return {
    handTo(frame) {
      endCurrent();
      const { port1, port2 } = openChannel();
      endCurrent = serve(port1);
      frame.postMessage(PORT_CHANNEL, null, [port2]);
    },
    close: () => endCurrent(),
  };
}
