import type { ReportDocument, ReportFigure, ReportSection, ReportTable } from '../contract/report-document.ts';
import { PRINT_POLICY } from '../infra/pdf-printer.ts';
import { cssString, escapeText } from '../infra/escape-text.ts';
import { chartSvg } from './report-charts.ts';
import { REPORT_FAMILY, type ReportFonts } from './report-fonts.ts';
import { reportWords } from './report-words.ts';

/** A page of its own: nothing is loaded, nothing runs; fonts and logo are within. Made to be printed on A4. */
export function reportHtml(document: ReportDocument, fonts: ReportFonts): string {
  const { brand, title, period, language } = document;
  const body = `<header>
${logo(document)}<p class="name">${escapeText(brand.name)}</p>
<h1>${escapeText(title)}</h1>
<p class="period">${escapeText(period)}</p>
</header>
<main>
${document.notes.map((note) => `<p class="note">${escapeText(note)}</p>`).join('\n')}
<dl class="figures">
${document.figures.map(figure).join('\n')}
</dl>
${document.sections.map(section).join('\n')}
<section class="stamps">
<h2>${escapeText(document.stampsTitle)}</h2>
<dl>
${document.stamps.map(({ label, text }) => `<dt>${escapeText(label)}</dt><dd>${escapeText(text)}</dd>`).join('\n')}
</dl>
</section>
</main>`;
  const style = sheet(document);
  return `<!doctype html>
<html lang="${escapeText(language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="content-security-policy" content="${PRINT_POLICY}">
<title>${escapeText(`${title} – ${brand.name} – ${period}`)}</title>
<style>
${fonts.fontFaces(body + style)}
${style}
</style>
</head>
<body>
${body}
</body>
</html>
`;
}

/** Only a picture, and only one that is within. */
function logo({ brand }: ReportDocument): string {
  if (brand.logo === null || !/^data:image\/png;base64,[A-Za-z0-9+/]+=*$/.test(brand.logo)) return '';
  return `<img class="logo" src="${brand.logo}" alt="">\n`;
}

const figure = ({ label, text, note }: ReportFigure): string =>
  `<div><dt>${escapeText(label)}</dt><dd><b>${escapeText(text)}</b>${note === null ? '' : `<small>${escapeText(note)}</small>`}</dd></div>`;

function section({ id, title, sentences, figures, chart, table }: ReportSection): string {
  return `<section class="${id}">
<h2>${escapeText(title)}</h2>
${chart === null ? '' : `<figure>${chartSvg(chart)}</figure>`}
${sentences.map((sentence) => `<p>${escapeText(sentence)}</p>`).join('\n')}
${figures.length === 0 ? '' : `<dl class="figures">${figures.map(figure).join('')}</dl>`}
${table === null ? '' : tableOf(table)}
</section>`;
}

function tableOf({ caption, columns, rows, total }: ReportTable): string {
  const kind = (index: number): string => (columns[index]?.kind === 'number' ? ' class="n"' : '');
  const row = (cells: readonly string[]): string =>
    `<tr>${cells
      .map((cell, index) =>
        index === 0 ? `<th scope="row">${escapeText(cell)}</th>` : `<td${kind(index)}>${escapeText(cell)}</td>`,
      )
      .join('')}</tr>`;
  return `<table>
<caption>${escapeText(caption)}</caption>
<thead><tr>${columns.map(({ label }, index) => `<th scope="col"${kind(index)}>${escapeText(label)}</th>`).join('')}</tr></thead>
<tbody>
${rows.map(row).join('\n')}
</tbody>
${total === null ? '' : `<tfoot>${row(total)}</tfoot>`}
</table>`;
}

function sheet({ brand, language }: ReportDocument): string {
  const [before, between, after] = reportWords(language).page;
  const foot = `font: 8pt '${REPORT_FAMILY}', sans-serif; color: #475569;`;
  return `
@page {
  size: A4; margin: 14mm 14mm 18mm;
  @bottom-left { content: ${cssString(brand.footer)}; ${foot} }
  @bottom-right { content: ${cssString(before)} counter(page) ${cssString(between)} counter(pages) ${cssString(after)}; ${foot} }
}
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; background: #fff; color: #0f172a; font: 9.5pt/1.45 '${REPORT_FAMILY}', sans-serif; print-color-adjust: exact; }
header { position: relative; padding: 18pt 20pt; background: ${brand.colour}; color: ${brand.onColour}; border-radius: 4pt; }
header p, h1 { margin: 0; }
.logo { position: absolute; top: 14pt; right: 16pt; max-width: 130pt; max-height: 44pt; padding: 4pt; background: #fff; border-radius: 3pt; }
.name { font-weight: 700; font-size: 11pt; } h1 { font-size: 21pt; line-height: 1.3; } .period { font-size: 12pt; }
.name, h1, .period { max-width: 360pt; overflow-wrap: anywhere; }
h2 { margin: 20pt 0 6pt; color: ${brand.ink}; font-size: 13pt; break-after: avoid; }
p { margin: 4pt 0; overflow-wrap: anywhere; }
.note { margin: 10pt 0; padding: 6pt 10pt; border-left: 3pt solid ${brand.ink}; background: #f1f5f9; }
.figures { display: grid; grid-template-columns: repeat(3, 1fr); gap: 8pt; margin: 12pt 0; break-inside: avoid; }
.figures div { padding: 8pt 10pt; border: 0.75pt solid #cbd5e1; border-radius: 3pt; }
dt { color: #475569; font-size: 8.5pt; } dd { margin: 0; overflow-wrap: anywhere; }
.figures b { display: block; font-size: 14pt; } small { display: block; color: #475569; font-size: 8pt; }
figure { margin: 4pt 0 8pt; break-inside: avoid; } svg { display: block; width: 100%; }
svg rect { fill: ${brand.ink}; } svg line { stroke: #cbd5e1; } svg text { fill: #334155; font: 10px '${REPORT_FAMILY}', sans-serif; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
th, td { padding: 3pt 0 3pt 8pt; border-bottom: 0.5pt solid #cbd5e1; text-align: left; vertical-align: top; font-weight: 400; }
th:first-child { padding-left: 0; overflow-wrap: anywhere; } .n { text-align: right; white-space: nowrap; }
thead th { color: #475569; font-size: 8.5pt; vertical-align: bottom; white-space: normal; } tfoot th, tfoot td { border-bottom: 0; font-weight: 700; }
thead { display: table-header-group; } tfoot { display: table-row-group; } tr { break-inside: avoid; }
.stamps { margin-top: 22pt; padding-top: 2pt; border-top: 1.5pt solid ${brand.ink}; break-inside: avoid; }
.stamps dl { display: grid; grid-template-columns: 140pt 1fr; gap: 2pt 12pt; margin: 0; }
`;
}
