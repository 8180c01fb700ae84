/**
 * Makes a PDF of a page that is complete in itself: tagged, with an outline, its fonts within. The page can run nothing and load
 * nothing. What fails is UNAVAILABLE with a sentence.
 */
export interface PdfPrinter {
  /** One after the other or several at once. Aborted: throws the signal's reason, and nothing of that page is left. */
  print(html: string, signal?: AbortSignal): Promise<Uint8Array>;
  /** Ends what prints; call it after a batch. The next page starts it again. */
  close(): Promise<void>;
}

/** A page that is not printed after so many milliseconds never will be. */
export const PRINT_TIMEOUT_MS = 60_000;

/** What the page is answered with, besides itself: the same as its own rule says, where no byte of it can change that. */
export const PRINT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:";
