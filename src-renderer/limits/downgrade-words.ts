/** A rule as it is typed. */
export interface TypedDowngrade {
  model: string;
  toModel: string;
  abovePercent: string;
}

export interface CheckedDowngrade {
  /** Null: something is wrong with it. */
  rule: { model: string; toModel: string; abovePercent: number } | null;
  /** What, in a sentence at its field. */
  problems: Partial<Record<keyof TypedDowngrade, string>>;
}

/** `models`: those that have a price. */
export function checkDowngrade(typed: TypedDowngrade, models: readonly string[]): CheckedDowngrade {
  const [model, toModel] = [typed.model.trim(), typed.toModel.trim()];
  const percent = /^\d{1,3} ?%?$/.test(typed.abovePercent.trim()) ? Number.parseInt(typed.abovePercent, 10) : 0;
  const problems: CheckedDowngrade['problems'] = {};
  if (!models.includes(model)) problems.model = noPrice(model);
  if (!models.includes(toModel)) problems.toModel = noPrice(toModel);
  else if (toModel === model) problems.toModel = 'That is the same model.';
  if (percent < 1 || percent > 100) problems.abovePercent = 'Enter a whole number from 1 to 100.';
  const fine = Object.keys(problems).length === 0;
  return { rule: fine ? { model, toModel, abovePercent: percent } : null, problems };
}

function noPrice(model: string): string {
  return model === '' ? 'Name a model.' : `“${model}” has no price here: choose one from the list.`;
}
