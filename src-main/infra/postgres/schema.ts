/** The tables, views and their columns, generated from the migrated schema. Types only: nothing of the platform runs here. */
export type Schema = Record<string, never>;
