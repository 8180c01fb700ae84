import { gaugeShape, percentFigure, type GaugeReading, type GaugeShape } from './gauge-geometry.ts';

/** The elements of one gauge; `label` may lie anywhere on the page. */
export interface GaugeParts {
  meter: HTMLElement;
  solid: HTMLElement;
  hatched: HTMLElement;
  ticks: HTMLElement;
  label: HTMLElement | null;
}

/** Says a reading in words, for those who don't see the bar. */
export type GaugeDescription = (reading: GaugeReading, shape: GaugeShape) => string;

/**
 * Writes readings straight to the elements, outside React: a thousand gauges at 10 Hz cost a thousand comparisons and as
 * many writes as really moved. Lengths are per mille, so that a move nobody could see isn't written.
 */
export function createGaugePainter(parts: GaugeParts, describe: GaugeDescription): (reading: GaugeReading) => void {
  let solid = -1;
  let hatched = '';
  let ticks = '';
  let text = '';
  let percent = '';
  let look = '';

  return (reading) => {
    const shape = gaugeShape(reading);
    if (shape.committed !== solid) {
      solid = shape.committed;
      parts.solid.style.transform = `translateX(${solid / 10 - 100}%)`;
    }
    const clip = `inset(0 ${100 - shape.heldUntil / 10}% 0 ${shape.committed / 10}%)`;
    if (clip !== hatched) {
      hatched = clip;
      parts.hatched.style.clipPath = clip;
    }
    const nextLook = `${shape.kind} ${reading.tone} ${shape.over} ${reading.held === null}`;
    if (nextLook !== look) {
      look = nextLook;
      parts.meter.dataset['kind'] = shape.kind;
      parts.meter.dataset['tone'] = reading.tone;
      parts.meter.dataset['over'] = String(shape.over);
      parts.meter.dataset['held'] = reading.held === null ? 'unknown' : 'known';
    }
    const nextTicks = reading.ticks.join(' ');
    if (nextTicks !== ticks) {
      ticks = nextTicks;
      parts.ticks.replaceChildren(...reading.ticks.filter((at) => at > 0 && at < 100).map(tickAt));
    }
    const nextText = describe(reading, shape);
    if (nextText !== text) {
      text = nextText;
      parts.meter.setAttribute('aria-valuetext', text);
      parts.meter.setAttribute('aria-valuenow', String(Math.min(100, shape.percent ?? 0)));
    }
    const nextPercent = percentFigure(shape);
    if (parts.label && nextPercent !== percent) {
      percent = nextPercent;
      parts.label.textContent = percent;
    }
  };
}

function tickAt(percent: number): HTMLElement {
  const tick = document.createElement('i');
  tick.style.left = `${percent}%`;
  return tick;
}
