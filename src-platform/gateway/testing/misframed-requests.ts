/** Requests whose end or whose headers two parsers could see in different places, with a valid key and a valid call inside. */
export interface HostileRequest {
  readonly name: string;
  readonly bytes: Buffer;
}

export const CALL_PATH = '/v1/chat/completions';
export const CRLF = '\r\n';

/** The text of a call's request; `start`: its first line. */
export function requestText(
  key: string,
  headers: readonly string[],
  content: string,
  start = `POST ${CALL_PATH} HTTP/1.1`,
): string {
  return [start, 'host: gateway', `authorization: Bearer ${key}`, ...headers, '', content].join(CRLF);
}

export function misframedRequests(key: string, body: string): HostileRequest[] {
  const auth = `authorization: Bearer ${key}`;
  const length = Buffer.byteLength(body);
  const size = length.toString(16);
  const chunked = `${size}${CRLF}${body}${CRLF}0${CRLF}${CRLF}`;
  const all: HostileRequest[] = [];
  const add = (name: string, text: string): void => {
    all.push({ name: `${all.length} ${name}`, bytes: Buffer.from(text, 'latin1') });
  };
  const post = (headers: readonly string[], content: string, start?: string): string =>
    requestText(key, headers, content, start);
  const good = post([`content-length: ${length}`], body);

  for (const name of ['content-length', 'Content-Length', 'CONTENT-LENGTH']) {
    const values = [
      '+5',
      '-1',
      '0x10',
      `${length} ${length}`,
      `${length},${length}`,
      `${length}, 5`,
      '1e2',
      `${length}.0`,
    ];
    for (const value of [
      ...values,
      '99999999999999999999',
      '18446744073709551617',
      'abc',
      `"${length}"`,
      `${length};a`,
    ]) {
      add(`length ${value}`, post([`${name}: ${value}`], body));
    }
    add('two lengths', post([`${name}: ${length}`, `content-length: ${length - 1}`], body));
    add('the same length twice', post([`${name}: ${length}`, `content-length: ${length}`], body));
    add('a length and another', post([`${name}: 0`, `content-length: ${length}`], good));
    add('space before the colon', post([`${name} : ${length}`], body));
    add('no value', post([`${name}:`], body));
    add('two lengths in one', post([`${name}: ${length};${length}`], body));
    add('tab before the colon', post([`${name}\t: ${length}`], body));
  }

  for (const name of ['transfer-encoding', 'Transfer-Encoding', 'TRANSFER-ENCODING']) {
    for (const value of [
      'identity',
      'gzip',
      'xchunked',
      'chunkedx',
      'chunked, identity',
      'chunked, gzip',
      'gzip, chunked',
    ]) {
      add(`encoding ${value}`, post([`${name}: ${value}`], chunked));
    }
    for (const value of [
      'chunked;q=1',
      '"chunked"',
      'chun ked',
      'chunked,',
      ',chunked',
      'chunked, chunked',
      '\x0bchunked',
    ]) {
      add(`encoding ${JSON.stringify(value)}`, post([`${name}: ${value}`], chunked));
    }
    add('length, then chunks', post([`content-length: ${length}`, `${name}: chunked`], chunked));
    add('chunks, then a length', post([`${name}: chunked`, `content-length: ${chunked.length}`], chunked));
    add('chunks twice', post([`${name}: chunked`, 'transfer-encoding: identity'], chunked));
    add('chunks with a hidden length', post([`${name}: chunked`, 'content-length: 0'], `0${CRLF}${CRLF}${good}`));
    add('encoding with a tab', post([`${name}:\tchunked,\tidentity`], chunked));
    add('folded encoding', post([`${name}:`, ' chunked'], chunked));
    add('space before the colon', post([`${name} : chunked`], chunked));
    add('encoding in HTTP/1.0', post([`${name}: chunked, identity`], chunked, `POST ${CALL_PATH} HTTP/1.0`));
  }

  const chunks = (content: string): string => post(['transfer-encoding: chunked'], content);
  for (const bad of [
    '-1',
    '+5',
    '0x5',
    'g',
    ' ',
    '',
    `${size} ${size}`,
    'fffffffffffffffff',
    '1 0',
    `${size},`,
    `\x00${size}`,
  ]) {
    add(`chunk size ${JSON.stringify(bad)}`, chunks(`${bad}${CRLF}${body}${CRLF}0${CRLF}${CRLF}`));
    add(
      `second chunk size ${JSON.stringify(bad)}`,
      chunks(`1${CRLF}{${CRLF}${bad}${CRLF}${body}${CRLF}0${CRLF}${CRLF}`),
    );
  }
  add('chunk longer than it says', chunks(`5${CRLF}${body}${CRLF}0${CRLF}${CRLF}`));
  add('chunk shorter than it says', chunks(`${(length + 9).toString(16)}${CRLF}${body}${CRLF}0${CRLF}${CRLF}`));
  add('chunk lines that end with LF', chunks(`${size}\n${body}\n0\n\n`));
  add('chunk lines that end with CR', chunks(`${size}\r${body}\r0\r\r`));
  add('chunk without its end', chunks(`${size}${CRLF}${body}0${CRLF}${CRLF}`));
  add('chunks that never end', chunks(`${size}${CRLF}${body}${CRLF}`));
  add('a line end in a chunk extension', chunks(`${size};a=\n${CRLF}${body}${CRLF}0${CRLF}${CRLF}`));
  add('a request as trailer', chunks(`1${CRLF}{${CRLF}0${CRLF}${good}`));

  const odd = [
    'x-a\x00b: c',
    'x-a: b\x00c',
    'x-a: b\rc: d',
    'x-a: b\nc',
    'x-a b: c',
    ': c',
    'x-a',
    'x(a): b',
    'x-a\xff: c',
    'x-a@: c',
    ' x-a: c',
    '\tx-a: c',
    'x-a: \x01',
    'x-a: \x7f',
    'x-a:\x0bb',
    '{"a":1}',
    'x"a: b',
    'x-a,b: c',
    '\x00',
    'x-a: b\r\r',
  ];
  for (const line of odd) {
    add(`header ${JSON.stringify(line)}`, post([line, `content-length: ${length}`], body));
    add(`last header ${JSON.stringify(line)}`, post([`content-length: ${length}`, line], body));
  }
  add('lines that end with LF', good.replaceAll(CRLF, '\n'));
  add('lines that end with CR', good.replaceAll(CRLF, '\r'));
  add('folded header', post(['x-a: b', ' c', `content-length: ${length}`], body));
  add(
    'folded key',
    [
      `POST ${CALL_PATH} HTTP/1.1`,
      'host: gateway',
      'authorization:',
      ` Bearer ${key}`,
      `content-length: ${length}`,
      '',
      body,
    ].join(CRLF),
  );
  add('no host', [`POST ${CALL_PATH} HTTP/1.1`, auth, `content-length: ${length}`, '', body].join(CRLF));
  add('headers too large', post([`x-a: ${'x'.repeat(20_000)}`, `content-length: ${length}`], body));
  add(
    'headers too many',
    post([...Array.from({ length: 3_000 }, (_, index) => `x-${index}: 1`), `content-length: ${length}`], body),
  );
  add('no end of the headers', good.slice(0, good.indexOf(CRLF + CRLF)));
  return all;
}
