/** A brand's colour as it may be used on paper; all `#rrggbb`, lower case. */
export interface BrandColours {
  readonly colour: string;
  /** Black or white: read on `colour` with at least 4.5 to 1. */
  readonly onColour: string;
  /** `colour`, darkened until it is read on white with at least 4.5 to 1. */
  readonly ink: string;
}

const NEUTRAL = '#334155';
const READABLE = 4.5;

/** `colour`: `#rrggbb` or `#rgb`; anything else is taken for a brand without a colour. */
export function brandColours(colour: string): BrandColours {
  const rgb = parse(colour) ?? parse(NEUTRAL) ?? [51, 65, 85];
  let ink = rgb;
  while (contrast(luminance(ink), 1) < READABLE) ink = [ink[0] * 0.94, ink[1] * 0.94, ink[2] * 0.94];
  const own = luminance(rgb);
  return {
    colour: hex(rgb),
    onColour: contrast(own, 1) >= contrast(own, 0) ? '#ffffff' : '#000000',
    ink: hex([Math.floor(ink[0]), Math.floor(ink[1]), Math.floor(ink[2])]),
  };
}

/** WCAG 2.2's contrast of two colours `#rrggbb`. */
export function contrastOf(one: string, other: string): number {
  return contrast(luminance(parse(one) ?? [0, 0, 0]), luminance(parse(other) ?? [0, 0, 0]));
}

type Rgb = readonly [number, number, number];

function parse(colour: string): Rgb | undefined {
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/i.exec(colour);
  const long = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(colour);
  const [, red = '', green = '', blue = ''] = long ?? short ?? [];
  if (red === '') return undefined;
  const value = (part: string): number => Number.parseInt(part.length === 1 ? part + part : part, 16);
  return [value(red), value(green), value(blue)];
}

const hex = (rgb: Rgb): string => `#${rgb.map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`;

function luminance([red, green, blue]: Rgb): number {
  const linear = (part: number): number => {
    const value = part / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

const contrast = (one: number, other: number): number => (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
