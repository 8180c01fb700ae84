import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

/** The family that holds every face of `fontFaces`. */
export const REPORT_FAMILY = 'Report Sans';

/** Static faces: Chromium puts variable ones into a PDF as drawings (Type 3), static ones as fonts whose text can be read out. */
function sources() {
  // Not at the top: in Electron's bundle that name is taken.
  const require = createRequire(import.meta.url);
  return [
    { sheet: require.resolve('@fontsource/noto-sans/400.css'), script: /noto-sans-(?!devanagari)/ },
    // The rupee sign is in this one.
    {
      sheet: require.resolve('@fontsource/noto-sans-devanagari/400.css'),
      script: /noto-sans-devanagari-devanagari-/,
    },
  ];
}
const WEIGHTS = [400, 700] as const;

interface Face {
  readonly weight: number;
  readonly file: string;
  readonly range: string;
  readonly covers: (codePoint: number) => boolean;
  /** Base64 of the font file. */
  readonly data: () => string;
}

/** Fonts of a report, read from the packages once. */
export interface ReportFonts {
  /** The style rules of the faces that these characters need, the fonts themselves within. */
  fontFaces(text: string): string;
}

export function createReportFonts(): ReportFonts {
  let faces: readonly Face[] | undefined;
  return {
    fontFaces(text) {
      faces ??= sources().flatMap(readFaces);
      const characters = [...new Set(text)].map((character) => character.codePointAt(0) ?? 0);
      return faces
        .filter(({ covers }) => characters.some(covers))
        .map(
          ({ weight, range, data }) =>
            `@font-face { font-family: '${REPORT_FAMILY}'; font-weight: ${weight}; unicode-range: ${range}; ` +
            `src: url(data:font/woff2;base64,${data()}) format('woff2'); }`,
        )
        .join('\n');
    },
  };
}

/** The package's own style sheet says which file covers which characters. */
function readFaces({ sheet: first, script }: { sheet: string; script: RegExp }): Face[] {
  const folder = path.dirname(first);
  return WEIGHTS.flatMap((weight) => {
    const sheet = readFileSync(path.join(folder, `${weight}.css`), 'utf8');
    return [...sheet.matchAll(/url\(\.\/(files\/[\w-]+\.woff2)\)[^}]*unicode-range: ([^;]+);/g)].flatMap(
      ([, file = '', range = '']): Face[] => {
        if (!script.test(file)) return [];
        const ranges = range.split(',').map(readRange);
        let data: string | undefined;
        return [
          {
            weight,
            file,
            range,
            covers: (codePoint) => ranges.some(([from, to]) => codePoint >= from && codePoint <= to),
            data: () => (data ??= readFileSync(path.join(folder, file)).toString('base64')),
          },
        ];
      },
    );
  });
}

/** "U+0900-097F" or "U+20B9" */
function readRange(text: string): [from: number, to: number] {
  const [from = '', to = from] = text.trim().slice('U+'.length).split('-');
  return [Number.parseInt(from, 16), Number.parseInt(to, 16)];
}
