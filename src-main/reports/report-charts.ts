import type { ReportChart } from '../contract/report-document.ts';
import { escapeText } from '../infra/escape-text.ts';

const WIDTH = 680;
const COLUMNS = { top: 16, height: 120, foot: 18 } as const;
const BARS = { row: 20, label: 210, amount: 110 } as const;

/** A chart as one SVG, in the colour its surroundings set. The table beside it has every figure. */
export function chartSvg(chart: ReportChart): string {
  return chart.kind === 'columns' ? columns(chart) : bars(chart);
}

function columns({ label, bars }: ReportChart): string {
  const { top, height, foot } = COLUMNS;
  const step = WIDTH / bars.length;
  const width = Math.min(step * 0.7, 42);
  const most = bars.find(({ part }) => part === 1);
  const drawn = bars.map((bar, index) => {
    const middle = (index + 0.5) * step;
    const size = bar.part * height;
    return (
      `<rect x="${px(middle - width / 2)}" y="${px(top + height - size)}" width="${px(width)}" height="${px(size)}"/>` +
      `<text x="${px(middle)}" y="${top + height + 13}" text-anchor="middle">${escapeText(bar.label)}</text>`
    );
  });
  return svg(
    label,
    top + height + foot,
    `<line x1="0" x2="${WIDTH}" y1="${top}" y2="${top}"/><line x1="0" x2="${WIDTH}" y1="${top + height}" y2="${top + height}"/>` +
      `<text x="0" y="${top - 5}">${escapeText(most?.text ?? '')}</text>${drawn.join('')}`,
  );
}

function bars({ label, bars }: ReportChart): string {
  const { row, label: room, amount } = BARS;
  const longest = WIDTH - room - amount;
  const drawn = bars.map((bar, index) => {
    const y = index * row;
    const size = bar.part * longest;
    return (
      `<text x="0" y="${y + 14}">${escapeText(shortened(bar.label))}</text>` +
      `<rect x="${room}" y="${y + 4}" width="${px(size)}" height="${row - 8}"/>` +
      `<text x="${px(room + size + 6)}" y="${y + 14}">${escapeText(bar.text)}</text>`
    );
  });
  return svg(label, bars.length * row + 4, drawn.join(''));
}

const svg = (label: string, height: number, content: string): string =>
  `<svg role="img" aria-label="${escapeText(label)}" viewBox="0 0 ${WIDTH} ${height}">${content}</svg>`;

const px = (value: number): string => value.toFixed(1);

const graphemes = new Intl.Segmenter();

/** As much of a name as there is room for; the table has all of it. */
function shortened(name: string): string {
  const signs = Array.from(graphemes.segment(name), ({ segment }) => segment);
  return signs.length > 30 ? `${signs.slice(0, 29).join('')}…` : name;
}
