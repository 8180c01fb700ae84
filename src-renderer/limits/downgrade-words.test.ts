import { expect, test } from 'vitest';
import { checkDowngrade } from './downgrade-words.ts';

const models = ['gpt-4o', 'gpt-4o-mini'];

test('takes a rule as it is typed', () => {
  expect(checkDowngrade({ model: ' gpt-4o ', toModel: 'gpt-4o-mini', abovePercent: '80 %' }, models)).toEqual({
    rule: { model: 'gpt-4o', toModel: 'gpt-4o-mini', abovePercent: 80 },
    problems: {},
  });
});

test.each([
  [{ model: '' }, { model: 'Name a model.' }],
  [{ model: 'gpt-9' }, { model: '“gpt-9” has no price here: choose one from the list.' }],
  [{ toModel: 'gpt-4o' }, { toModel: 'That is the same model.' }],
  [{ abovePercent: '0' }, { abovePercent: 'Enter a whole number from 1 to 100.' }],
  [{ abovePercent: '101' }, { abovePercent: 'Enter a whole number from 1 to 100.' }],
  [{ abovePercent: '8e1' }, { abovePercent: 'Enter a whole number from 1 to 100.' }],
])('says what is wrong at its field: %o', (wrong, problems) => {
  const typed = { model: 'gpt-4o', toModel: 'gpt-4o-mini', abovePercent: '80', ...wrong };
  expect(checkDowngrade(typed, models)).toEqual({ rule: null, problems });
});
