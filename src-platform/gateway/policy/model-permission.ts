/** Which models a tenant may ask for; null: every model that has a price. */
export type ModelPermission = { readonly names: ReadonlySet<string>; readonly beginnings: readonly string[] } | null;

/** `models`: names, or beginnings of names with * behind them. */
export function readModelPermission(models: readonly string[] | null): ModelPermission {
  if (models === null) return null;
  const beginnings = models.filter((model) => model.endsWith('*')).map((model) => model.slice(0, -1));
  return { names: new Set(models.filter((model) => !model.endsWith('*'))), beginnings };
}

export function mayUse(permission: ModelPermission, model: string): boolean {
  if (permission === null || permission.names.has(model)) return true;
  return permission.beginnings.some((beginning) => model.startsWith(beginning));
}
