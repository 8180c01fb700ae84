import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { brandColours, contrastOf } from './brand-colours.ts';

const channel = fc.integer({ min: 0, max: 255 }).map((value) => value.toString(16).padStart(2, '0'));

describe('a brand’s colour on paper', () => {
  it('is readable, whatever the colour', () => {
    fc.assert(
      fc.property(fc.tuple(channel, channel, channel), (channels) => {
        const given = `#${channels.join('')}`;
        const { colour, onColour, ink } = brandColours(given);
        expect(colour).toBe(given);
        expect(contrastOf(colour, onColour)).toBeGreaterThanOrEqual(4.5);
        expect(contrastOf(ink, '#ffffff')).toBeGreaterThanOrEqual(4.5);
      }),
    );
  });

  it('stays as it is where it is dark enough', () => {
    expect(brandColours('#0F766E')).toEqual({ colour: '#0f766e', onColour: '#ffffff', ink: '#0f766e' });
  });

  it.each(['', 'teal', '#12', 'red;}</style>', '#12345g'])('is a quiet grey where %j is no colour', (colour) => {
    expect(brandColours(colour)).toEqual(brandColours('#334155'));
  });
});
