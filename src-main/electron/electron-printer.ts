import { app, BrowserWindow, session, type Session } from 'electron';
import { OperatorError } from '../infra/operator-error.ts';
import { PRINT_POLICY, PRINT_TIMEOUT_MS, type PdfPrinter } from '../infra/pdf-printer.ts';
import { APP_SCHEME } from './app-protocol.ts';
import { guardSession } from './guards.ts';
import { printWindowOptions } from './window-options.ts';

/** In memory: no name that begins with `persist:`. */
const PARTITION = 'tenantdesk-printer';
const PLACE = `${APP_SCHEME.scheme}://print/`;

/**
 * Prints in hidden, sandboxed windows of a session of their own, in which nothing runs and which reaches nothing but the page to be
 * printed. Made before the program is ready; it waits.
 */
export function createElectronPrinter(): PdfPrinter {
  const pages = new Map<string, string>();
  const windows = new Set<BrowserWindow>();
  let printSession: Session | undefined;
  let last = 0;

  async function print(html: string, over: AbortSignal): Promise<Uint8Array> {
    await app.whenReady();
    over.throwIfAborted();
    printSession ??= openPrintSession(pages);
    const address = `${PLACE}${++last}`;
    pages.set(address, html);
    const window = new BrowserWindow(printWindowOptions(printSession));
    windows.add(window);
    const left = Promise.withResolvers<never>();
    const leave = (): void => left.reject(over.reason);
    over.addEventListener('abort', leave, { once: true });
    try {
      return await Promise.race([left.promise, drawAndPrint(window, address)]);
    } finally {
      over.removeEventListener('abort', leave);
      pages.delete(address);
      windows.delete(window);
      window.destroy();
    }
  }

  return {
    async print(html, signal) {
      const over = AbortSignal.any([AbortSignal.timeout(PRINT_TIMEOUT_MS), ...(signal ? [signal] : [])]);
      try {
        return await print(html, over);
      } catch (error) {
        signal?.throwIfAborted();
        const reason = error instanceof Error ? error.message : String(error);
        throw new OperatorError('UNAVAILABLE', `The PDF could not be made: ${reason}`, { cause: error });
      }
    },
    async close() {
      for (const window of windows) window.destroy();
    },
  };
}

async function drawAndPrint(window: BrowserWindow, address: string): Promise<Uint8Array> {
  await window.loadURL(address);
  // The page says its own size and margins.
  return window.webContents.printToPDF({
    preferCSSPageSize: true,
    printBackground: true,
    generateTaggedPDF: true,
    generateDocumentOutline: true,
  });
}

/** Its pages come from memory by their addresses; every other request is refused before it leaves. */
function openPrintSession(pages: ReadonlyMap<string, string>): Session {
  const own = session.fromPartition(PARTITION, { cache: false });
  guardSession(own);
  own.webRequest.onBeforeRequest(({ url }, answer) => answer({ cancel: !mayAsk(url) }));
  own.protocol.handle(APP_SCHEME.scheme, ({ url }) => {
    const html = pages.get(url);
    if (html === undefined) return new Response('', { status: 404 });
    return new Response(html, {
      headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': PRINT_POLICY },
    });
  });
  return own;
}

/** Fonts and logo are within the page. */
const mayAsk = (url: string): boolean => url.startsWith(PLACE) || url.startsWith('data:');
