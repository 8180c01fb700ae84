import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fromKeptText, toKeptText } from './kept-text.ts';

const leaf = fc.oneof(
  fc.string(),
  fc.bigInt(),
  fc.date({ noInvalidDate: true }),
  fc.boolean(),
  fc.constant(null),
  fc.integer(),
  fc.constantFrom('$n', '$t', '{"$n":"1"}'),
);
const key = fc.oneof(fc.string(), fc.constantFrom('$n', '$t', '$$n', '__proto__'));
const value = fc.letrec((tie) => ({
  node: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('node')),
    fc.dictionary(key, tie('node'), { noNullPrototype: true }),
  ),
})).node;

it('gives back every value, whatever its keys are called', () => {
  fc.assert(
    fc.property(value, (kept) => {
      expect(fromKeptText(toKeptText(kept))).toStrictEqual(kept);
    }),
  );
});
