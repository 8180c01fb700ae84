import { startChromium } from './chromium-process.ts';
import type { Chromium } from './find-chromium.ts';

export interface AppWindow {
  /** Resolves when the user closed the window, or Chromium ended for another reason. */
  readonly closed: Promise<void>;
  /** Runs an expression in the page and resolves to its value (plain data). */
  evaluate(expression: string): Promise<unknown>;
  close(): Promise<void>;
}

export interface AppWindowOptions {
  readonly chromium: Chromium;
  /** The one-time address to open. */
  readonly address: string;
  /** True: no window; the page is rendered all the same. */
  readonly headless: boolean;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Opens Chromium with a fresh profile of its own, in its sandbox, and sends it to the address over the debugging pipe:
 * neither a process list nor the history of another browser ever holds the token.
 */
export async function openAppWindow({ chromium, address, headless, env }: AppWindowOptions): Promise<AppWindow> {
  const start = 'data:text/html,<title>TenantDesk</title>';
  const process = await startChromium({
    chromium,
    env,
    profile: 'tenantdesk-window-',
    args: headless ? ['--headless', '--window-size=1440,900', start] : [`--app=${start}`, '--window-size=1440,900'],
  });
  const { pipe, session } = process;
  try {
    await pipe.send('Page.navigate', { url: address }, session);
  } catch (error) {
    await process.close();
    throw error;
  }
  return {
    closed: process.closed,
    async evaluate(expression) {
      const answer = await pipe.send(
        'Runtime.evaluate',
        { expression, returnByValue: true, awaitPromise: true },
        session,
      );
      if (typeof answer !== 'object' || answer === null || !('result' in answer)) return undefined;
      const { result } = answer;
      return typeof result === 'object' && result !== null && 'value' in result ? result.value : undefined;
    },
    close: () => process.close(),
  };
}
