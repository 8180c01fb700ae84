/** `Authorization`, as every provider of OpenAI's formats takes it. */
export function bearer(credential: string): Record<string, string> {
  return { authorization: `Bearer ${credential}` };
}

/** The SDKs take base URLs of OpenAI's formats with their version, those of Anthropic's without a path: there it is put in. */
export function versionedPath(basePath: string, path: string): string {
  return basePath === '' ? `/v1${path}` : `${basePath}${path}`;
}
