/** The little of the package that is used: its own types are not found through its `exports`, and a `paths` entry misleads Playwright. */
declare module 'better-sqlite3-multiple-ciphers' {
  export interface Statement<Parameters extends unknown[], Row> {
    run(...parameters: Parameters): unknown;
    get(...parameters: Parameters): Row | undefined;
    all(...parameters: Parameters): Row[];
  }

  /** All throw SqliteError, with a `code` like SQLITE_CORRUPT. */
  export interface Database {
    prepare<Parameters extends unknown[], Row = unknown>(sql: string): Statement<Parameters, Row>;
    exec(sql: string): this;
    pragma(pragma: string, options?: { readonly simple?: boolean }): unknown;
    key(key: Buffer): number;
    close(): this;
  }

  const open: new (file: string, options?: { readonly timeout?: number }) => Database;
  export { open as default };
}
