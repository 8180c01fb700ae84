import { inflateSync } from 'node:zlib';
import { extractText, getDocumentProxy, getMeta } from 'unpdf';

export interface PdfFacts {
  readonly pages: number;
  /** As a reader without knowledge of scripts gets it: glyph by glyph. */
  readonly text: string;
  /** What the file says its clusters of joined letters are, in their order. */
  readonly clusters: readonly string[];
  readonly tagged: boolean;
  /** Of the outline, top level first. */
  readonly headings: readonly string[];
  readonly language: unknown;
  /** All it says about itself, as JSON. */
  readonly metadata: string;
  /** Kinds of the fonts within. */
  readonly fonts: readonly string[];
  /** Everything in it, unpacked, as bytes read one by one. */
  readonly unpacked: string;
}

interface OutlineNode {
  readonly title: string;
  readonly items: readonly OutlineNode[];
}

export async function pdfFacts(bytes: Uint8Array): Promise<PdfFacts> {
  const raw = Buffer.from(bytes).toString('latin1');
  const streams = [...raw.matchAll(/stream\r?\n/g)].flatMap(({ index, 0: { length } }) => {
    try {
      return [inflateSync(bytes.subarray(index + length)).toString('latin1')];
    } catch {
      return [];
    }
  });
  // The reader takes the bytes away.
  const pdf = await getDocumentProxy(new Uint8Array(bytes));
  const { text, totalPages } = await extractText(pdf, { mergePages: true });
  const { info } = await getMeta(pdf);
  const outline: readonly OutlineNode[] = (await pdf.getOutline()) ?? [];
  const titles = (nodes: readonly OutlineNode[]): string[] =>
    nodes.flatMap(({ title, items }) => [title, ...titles(items)]);
  return {
    pages: totalPages,
    text,
    clusters: streams
      .join('\n')
      .matchAll(/ActualText\s*<FEFF([0-9A-F]+)>/gi)
      .map(([, hex = '']) => Buffer.from(hex, 'hex').swap16().toString('utf16le'))
      .toArray(),
    tagged: /\/MarkInfo\s*<<[^>]*\/Marked true/.test(raw),
    headings: titles(outline),
    language: info['Language'],
    metadata: JSON.stringify(info),
    fonts: [...raw.matchAll(/\/Subtype\s*\/(Type\w+|CIDFont\w+)/g)].map(([, kind = '']) => kind),
    unpacked: `${raw}\n${streams.join('\n')}`,
  };
}
