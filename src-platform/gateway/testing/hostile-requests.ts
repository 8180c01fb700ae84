/** Requests that no gateway may pass on, as they would come from a socket: about three hundred, each with a valid key and a valid call inside. */
export interface HostileRequest {
  readonly name: string;
  readonly bytes: Buffer;
}

const PATH = '/v1/chat/completions';
const CRLF = '\r\n';

export function hostileRequests(key: string, body: string): HostileRequest[] {
  const auth = `authorization: Bearer ${key}`;
  const length = Buffer.byteLength(body);
  const size = length.toString(16);
  const chunked = `${size}${CRLF}${body}${CRLF}0${CRLF}${CRLF}`;
  const all: HostileRequest[] = [];
  const add = (name: string, text: string | Buffer): void => {
    all.push({ name: `${all.length} ${name}`, bytes: typeof text === 'string' ? Buffer.from(text, 'latin1') : text });
  };
  const post = (headers: readonly string[], content: string, start = `POST ${PATH} HTTP/1.1`): string =>
    [start, 'host: gateway', auth, ...headers, '', content].join(CRLF);
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
    add('encoding in HTTP/1.0', post([`${name}: chunked, identity`], chunked, `POST ${PATH} HTTP/1.0`));
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
      `POST ${PATH} HTTP/1.1`,
      'host: gateway',
      'authorization:',
      ` Bearer ${key}`,
      `content-length: ${length}`,
      '',
      body,
    ].join(CRLF),
  );
  add('no host', [`POST ${PATH} HTTP/1.1`, auth, `content-length: ${length}`, '', body].join(CRLF));
  add('headers too large', post([`x-a: ${'x'.repeat(20_000)}`, `content-length: ${length}`], body));
  add(
    'headers too many',
    post([...Array.from({ length: 3_000 }, (_, index) => `x-${index}: 1`), `content-length: ${length}`], body),
  );
  add('no end of the headers', good.slice(0, good.indexOf(CRLF + CRLF)));

  const starts = [
    `POST http://127.0.0.1:9${PATH} HTTP/1.1`,
    `POST http://gateway${PATH} HTTP/1.1`,
    `POST https://provider${PATH} HTTP/1.1`,
    `POST //${PATH} HTTP/1.1`,
    `POST /${PATH} HTTP/1.1`,
    `POST ${PATH}/ HTTP/1.1`,
    `POST ${PATH}%00 HTTP/1.1`,
    `POST ${PATH};a HTTP/1.1`,
    `POST ${PATH}/../models HTTP/1.1`,
    `POST /x/..${PATH} HTTP/1.1`,
    `POST /v1%2fchat/completions HTTP/1.1`,
    `POST ${PATH.toUpperCase()} HTTP/1.1`,
    `POST ${PATH} HTTP/1.2`,
    `POST ${PATH} HTTP/2.0`,
    `POST ${PATH} HTTP/3`,
    `POST ${PATH} HTTP/0.9`,
    `POST ${PATH}`,
    `POST ${PATH} `,
    `POST ${PATH} http/1.1`,
    `POST ${PATH} HTTP/1.1 x`,
    `POST  ${PATH} HTTP/1.1 `,
    `POST\t${PATH}\tHTTP/1.1x`,
    `POST ${PATH} HTTP/11`,
    `post ${PATH} HTTP/1.1`,
    `GET ${PATH} HTTP/1.1`,
    `PUT ${PATH} HTTP/1.1`,
    `PATCH ${PATH} HTTP/1.1`,
    `DELETE ${PATH} HTTP/1.1`,
    `TRACE ${PATH} HTTP/1.1`,
    `OPTIONS * HTTP/1.1`,
    `CONNECT 127.0.0.1:9 HTTP/1.1`,
    `CONNECT ${PATH} HTTP/1.1`,
    `FOO ${PATH} HTTP/1.1`,
    `POST * HTTP/1.1`,
    `POST ? HTTP/1.1`,
    `POST ${PATH}\x00 HTTP/1.1`,
    `POST ${PATH}\r HTTP/1.1`,
    'PRI * HTTP/2.0',
    `\x00POST ${PATH} HTTP/1.1`,
    `POST /${'a'.repeat(20_000)} HTTP/1.1`,
    `POST ${PATH}#a HTTP/1.1`,
    `P\xd6ST ${PATH} HTTP/1.1`,
    '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  ];
  for (const start of starts) {
    add(`start ${JSON.stringify(start.slice(0, 60))}`, post([`content-length: ${length}`], body, start));
  }

  const keyed = (...headers: string[]): string =>
    [`POST ${PATH} HTTP/1.1`, 'host: gateway', ...headers, `content-length: ${length}`, '', body].join(CRLF);
  for (const [index, headers] of [
    [],
    [auth, auth],
    [auth, `x-api-key: ${key}`],
    [`x-api-key: ${key}`, `X-API-Key: ${key}`],
    [`authorization: Basic ${key}`],
    [`authorization: ${key}`],
    ['authorization: Bearer'],
    [`authorization: Bearer ${key} ${key}`],
    [`authorization: Bearer ${key}x`],
    [`authorization: Bearer ${key.slice(0, -1)}`],
    [`authorization: Bearer ${key.toUpperCase()}`],
    [`cookie: key=${key}`],
    [`proxy-authorization: Bearer ${key}`],
    [`x-api-key: ${key},${key}`],
    [`x-api-key: ${'x'.repeat(9_000)}`],
    [`api-key: ${key}`],
  ].entries()) {
    add(`key ${index}`, keyed(...headers));
  }
  add(
    'key in the address',
    [`POST ${PATH}?key=${key} HTTP/1.1`, 'host: gateway', `content-length: ${length}`, '', body].join(CRLF),
  );

  const call = JSON.parse(body) as Record<string, unknown>;
  const bodies: readonly (string | Buffer)[] = [
    '',
    ' ',
    'null',
    '1',
    '"x"',
    '[]',
    `[${body}]`,
    `${body}${body}`,
    `${body}x`,
    body.slice(0, -1),
    body.slice(1),
    `\ufeff${body}`,
    `{${body}`,
    body.replaceAll('"', "'"),
    `/**/${body}`,
    body.replace('{', '{,'),
    body.replace(':', '::'),
    '['.repeat(200_000),
    '{"a":'.repeat(100_000),
    JSON.stringify({ ...call, model: { toString: 'x' } }),
    JSON.stringify({ ...call, messages: 'x' }),
    JSON.stringify({ ...call, messages: {} }),
    JSON.stringify({ ...call, n: 1e9 }),
    JSON.stringify({ ...call, max_tokens: -5 }),
    `${body.slice(0, -1)},"max_tokens":1e999}`,
    `${body.slice(0, -1)},"n":0.5}`,
    `${body.slice(0, -1)},"stream":"true"}`,
    `${body.slice(0, -1)},"model":"../../etc/passwd"}`,
    `${body.slice(0, -1)},"model":"http://127.0.0.1:9/"}`,
    `${body.slice(0, -1)},"model":"gpt-4o\\r\\nx-a: b"}`,
    `${body.slice(0, -1)},"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
    Buffer.from([0xff, 0xfe, 0x7b, 0x7d]),
    Buffer.alloc(64),
    Buffer.from('1f8b0800', 'hex'),
  ];
  for (const [index, content] of bodies.entries()) {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    add(`body ${index}`, Buffer.concat([Buffer.from(post([`content-length: ${bytes.length}`], '')), bytes]));
  }
  add('body shorter than its length', post([`content-length: ${length + 10}`], body));
  add('body too large', post([`content-length: ${5 * 1024 * 1024}`], body));
  add('a call behind a broken one', post(['content-length: abc'], body) + good);
  add('a call behind one too large', post([`content-length: ${5 * 1024 * 1024}`], good));
  add('a call in the body of another', post([`content-length: ${good.length}`], good));
  return all;
}
