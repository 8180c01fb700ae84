import { StringDecoder } from 'node:string_decoder';

/** A line longer than this is no frame of a gateway: 1,000 tenants with all their caps take about a megabyte. */
const LONGEST_LINE = 32 * 1024 * 1024;

/** The lines of a byte stream, without their ends; empty ones are left out. Throws when a line has no end in sight. */
export async function* linesOf(chunks: AsyncIterable<Buffer | string>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let parts: string[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let rest = typeof chunk === 'string' ? chunk : decoder.write(chunk);
    for (let end = rest.indexOf('\n'); end !== -1; end = rest.indexOf('\n')) {
      const line = parts.join('') + rest.slice(0, end);
      parts = [];
      length = 0;
      rest = rest.slice(end + 1);
      if (line.trim() !== '') yield line;
    }
    length += rest.length;
    if (length > LONGEST_LINE) throw new Error('The gateway sent a line that is too long.');
    parts.push(rest);
  }
}
