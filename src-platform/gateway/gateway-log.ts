/** One event a call, fields without secrets and without tenants' content. */
export interface GatewayLog {
  info(event: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(event: string, fields?: Readonly<Record<string, unknown>>): void;
  error(event: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** JSON lines through `write` (standard error in the product). */
export function createGatewayLog(write: (line: string) => void, now: () => Date): GatewayLog {
  const at = (level: string) => (event: string, fields?: Readonly<Record<string, unknown>>) => {
    write(`${JSON.stringify({ at: now().toISOString(), level, event, ...fields })}\n`);
  };
  return { info: at('info'), warn: at('warn'), error: at('error') };
}

/** What a log may say of an error: its class, code and first line. */
export function errorFields(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { error: typeof error };
  const code: unknown = Reflect.get(error, 'code');
  return {
    error: error.name,
    code: typeof code === 'string' ? code : undefined,
    message: error.message.split('\n')[0]?.slice(0, 300),
  };
}
