/** Models as a person types them, one a line or with commas between. Null: every model that has a price. */
export function parseModels(text: string): { ok: true; models: string[] | null } | { ok: false; sentence: string } {
  const models = [...new Set(text.split(/[\n,]/).map((name) => name.trim()))].filter((name) => name !== '');
  if (models.length === 0) return { ok: true, models: null };
  if (models.length > MOST_MODELS) return { ok: false, sentence: `A list has at most ${MOST_MODELS} models.` };
  const wrong = models.find((name) => name === '*' || name.slice(0, -1).includes('*') || name.length > LONGEST_NAME);
  if (wrong === undefined) return { ok: true, models };
  return {
    ok: false,
    sentence: `“${wrong.slice(0, 60)}” is no name of a model. A * stands at the end of a name, for all that begin so.`,
  };
}

const MOST_MODELS = 200;
const LONGEST_NAME = 256;
