import { os } from '@orpc/server';
import { z } from 'zod';
import type { KnownSecrets } from '../infra/known-secrets.ts';

/** What of an input the contract calls a secret (`.meta({ secret: true })`): the texts in those places, whatever else is wrong with it. */
export function secretsIn(schema: z.core.$ZodType, input: unknown): string[] {
  if (z.globalRegistry.get(schema)?.['secret'] === true) return typeof input === 'string' ? [input] : [];
  const { def } = schema._zod;
  // Which kinds have parts, and how they are called: https://zod.dev/packages/core
  if (def instanceof Object && 'innerType' in def) return secretsIn(def.innerType as z.core.$ZodType, input);
  if (def instanceof Object && 'options' in def) {
    return (def.options as z.core.$ZodType[]).flatMap((option) => secretsIn(option, input));
  }
  if (!('shape' in def) || typeof input !== 'object' || input === null) return [];
  const entries = Object.entries(input);
  const shape = def.shape as Readonly<Record<string, z.core.$ZodType>>;
  return entries.flatMap(([name, value]) => {
    const part = Object.hasOwn(shape, name) ? shape[name] : undefined;
    return part === undefined ? [] : secretsIn(part, value);
  });
}

/** While a call runs, the secrets in its input are taken out of whatever is logged. */
export function knowingSecrets(secrets: KnownSecrets) {
  return os.middleware(async ({ next, procedure }, input: unknown) => {
    const schema = procedure['~orpc'].inputSchema;
    const forget = secrets.add(schema === undefined ? [] : secretsIn(schema as unknown as z.core.$ZodType, input));
    try {
      return await next();
    } finally {
      forget();
    }
  });
}
