const HOUR = '"ttl":"1h"';

/**
 * Does a body ask to have its prompt cached for an hour, wherever that may stand? Bodies are written anew, without spaces and with the same
 * escapes for all, so this finds every such field; inside a text its quotes would be escaped.
 */
export function cachesForAnHour(body: string): boolean {
  return body.includes(HOUR);
}
