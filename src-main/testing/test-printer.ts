import { createChromiumPrinter } from '../browser/chromium-printer.ts';
import { findChromium } from '../browser/find-chromium.ts';
import type { PdfPrinter } from '../infra/pdf-printer.ts';

/** The real printer of the browser shell, with whichever Chromium this machine has. */
export function createTestPrinter(): PdfPrinter {
  return createChromiumPrinter({ find: () => findChromium({ env: process.env }), env: process.env });
}
