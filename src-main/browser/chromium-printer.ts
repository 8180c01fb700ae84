import { z } from 'zod';
import { OperatorError } from '../infra/operator-error.ts';
import { PRINT_POLICY, PRINT_TIMEOUT_MS, type PdfPrinter } from '../infra/pdf-printer.ts';
import type { ChromiumPipe } from './chromium-pipe.ts';
import { startChromium, type ChromiumProcess } from './chromium-process.ts';
import type { Chromium } from './find-chromium.ts';

export interface ChromiumPrinterOptions {
  /** Looks for a Chromium when the first page is to be printed; it needs no window. */
  readonly find: () => Promise<Chromium>;
  readonly env: NodeJS.ProcessEnv;
}

/** Nobody is asked for it: the one request for it is answered here, every other one is refused. */
const ADDRESS = 'https://report.invalid/';

const opened = z.object({ targetId: z.string() });
const attached = z.object({ sessionId: z.string() });
const printed = z.object({ data: z.string() });
const paused = z.object({ requestId: z.string(), request: z.object({ url: z.string() }) });
const navigated = z.object({ errorText: z.string().optional() });

/** Prints with a headless Chromium of its own, which lives from the first page until `close`. */
export function createChromiumPrinter({ find, env }: ChromiumPrinterOptions): PdfPrinter {
  let running: Promise<ChromiumProcess> | undefined;

  function chromium(): Promise<ChromiumProcess> {
    if (running) return running;
    const starting = find().then((found) =>
      startChromium({
        chromium: found,
        env,
        profile: 'tenantdesk-printer-',
        args: ['--headless', '--host-resolver-rules=MAP * ~NOTFOUND', 'about:blank'],
      }),
    );
    running = starting;
    // One that did not start, or ended by itself, makes room for the next.
    const forget = (): void => {
      if (running === starting) running = undefined;
    };
    starting.then(({ closed }) => closed).then(forget, forget);
    return starting;
  }

  return {
    async print(html, signal) {
      const over = AbortSignal.any([AbortSignal.timeout(PRINT_TIMEOUT_MS), ...(signal ? [signal] : [])]);
      try {
        over.throwIfAborted();
        const { pipe } = await chromium();
        return await printPage(pipe, html, over);
      } catch (error) {
        signal?.throwIfAborted();
        const reason = error instanceof Error ? error.message : String(error);
        throw new OperatorError('UNAVAILABLE', `The PDF could not be made: ${reason}`, { cause: error });
      }
    },
    async close() {
      const ending = running;
      running = undefined;
      const started = await ending?.catch(() => undefined);
      await started?.close();
    },
  };
}

async function printPage(pipe: ChromiumPipe, html: string, over: AbortSignal): Promise<Uint8Array> {
  const { targetId } = opened.parse(await pipe.send('Target.createTarget', { url: 'about:blank' }));
  const left = Promise.withResolvers<never>();
  const leave = (): void => left.reject(over.reason);
  over.addEventListener('abort', leave, { once: true });
  try {
    over.throwIfAborted();
    return await Promise.race([left.promise, drawAndPrint(pipe, targetId, html)]);
  } finally {
    over.removeEventListener('abort', leave);
    await pipe.send('Target.closeTarget', { targetId }).catch(() => undefined);
  }
}

async function drawAndPrint(pipe: ChromiumPipe, targetId: string, html: string): Promise<Uint8Array> {
  const { sessionId } = attached.parse(await pipe.send('Target.attachToTarget', { targetId, flatten: true }));
  const send = (method: string, params?: object): Promise<unknown> => pipe.send(method, params, sessionId);
  const loaded = Promise.withResolvers<void>();
  const answer = async (event: unknown): Promise<void> => {
    const { requestId, request } = paused.parse(event);
    if (request.url !== ADDRESS) await send('Fetch.failRequest', { requestId, errorReason: 'BlockedByClient' });
    else await send('Fetch.fulfillRequest', { requestId, ...answerWith(html) });
  };
  const ends = [
    pipe.on('Page.loadEventFired', sessionId, () => loaded.resolve()),
    pipe.on('Fetch.requestPaused', sessionId, (event) => void answer(event).catch(loaded.reject)),
  ];
  try {
    await Promise.all([
      send('Page.enable'),
      send('Fetch.enable', { patterns: [{ urlPattern: '*' }] }),
      send('Emulation.setScriptExecutionDisabled', { value: true }),
      // A PDF says what made it, and Chromium says its user agent.
      send('Emulation.setUserAgentOverride', { userAgent: 'TenantDesk' }),
    ]);
    const { errorText } = navigated.parse(await send('Page.navigate', { url: ADDRESS }));
    if (errorText !== undefined) throw new Error(errorText);
    await loaded.promise;
    const { data } = printed.parse(await send('Page.printToPDF', PDF));
    return Buffer.from(data, 'base64');
  } finally {
    for (const end of ends) end();
  }
}

/** The page says its own size and margins. */
const PDF = {
  preferCSSPageSize: true,
  printBackground: true,
  displayHeaderFooter: false,
  generateTaggedPDF: true,
  generateDocumentOutline: true,
};

const answerWith = (html: string): object => ({
  responseCode: 200,
  responseHeaders: [
    { name: 'content-type', value: 'text/html; charset=utf-8' },
    { name: 'content-security-policy', value: PRINT_POLICY },
  ],
  body: Buffer.from(html, 'utf8').toString('base64'),
});
