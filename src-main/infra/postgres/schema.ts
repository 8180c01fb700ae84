/**
 * Tables, views and columns of schema `platform`, generated from the migrated database. Types alone: nothing of the
 * platform's code runs in the console.
 */
export type { DB as Schema } from '../../../src-platform/schema/database-types.ts';
