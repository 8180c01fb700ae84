import { CALL_PATH, CRLF, misframedRequests, requestText, type HostileRequest } from './misframed-requests.ts';

/** Requests that no gateway may pass on, as they would come from a socket: about three hundred, each with a valid key and a valid call inside. */
export function hostileRequests(key: string, body: string): HostileRequest[] {
  const auth = `authorization: Bearer ${key}`;
  const length = Buffer.byteLength(body);
  const all: HostileRequest[] = misframedRequests(key, body);
  const add = (name: string, text: string | Buffer): void => {
    all.push({ name: `${all.length} ${name}`, bytes: typeof text === 'string' ? Buffer.from(text, 'latin1') : text });
  };
  const post = (headers: readonly string[], content: string, start?: string): string =>
    requestText(key, headers, content, start);
  const good = post([`content-length: ${length}`], body);

  const starts = [
    `POST http://127.0.0.1:9${CALL_PATH} HTTP/1.1`,
    `POST http://gateway${CALL_PATH} HTTP/1.1`,
    `POST https://provider${CALL_PATH} HTTP/1.1`,
    `POST //${CALL_PATH} HTTP/1.1`,
    `POST /${CALL_PATH} HTTP/1.1`,
    `POST ${CALL_PATH}/ HTTP/1.1`,
    `POST ${CALL_PATH}%00 HTTP/1.1`,
    `POST ${CALL_PATH};a HTTP/1.1`,
    `POST ${CALL_PATH}/../models HTTP/1.1`,
    `POST /x/..${CALL_PATH} HTTP/1.1`,
    `POST /v1%2fchat/completions HTTP/1.1`,
    `POST ${CALL_PATH.toUpperCase()} HTTP/1.1`,
    `POST ${CALL_PATH} HTTP/1.2`,
    `POST ${CALL_PATH} HTTP/2.0`,
    `POST ${CALL_PATH} HTTP/3`,
    `POST ${CALL_PATH} HTTP/0.9`,
    `POST ${CALL_PATH}`,
    `POST ${CALL_PATH} `,
    `POST ${CALL_PATH} http/1.1`,
    `POST ${CALL_PATH} HTTP/1.1 x`,
    `POST  ${CALL_PATH} HTTP/1.1 `,
    `POST\t${CALL_PATH}\tHTTP/1.1x`,
    `POST ${CALL_PATH} HTTP/11`,
    `post ${CALL_PATH} HTTP/1.1`,
    `GET ${CALL_PATH} HTTP/1.1`,
    `PUT ${CALL_PATH} HTTP/1.1`,
    `PATCH ${CALL_PATH} HTTP/1.1`,
    `DELETE ${CALL_PATH} HTTP/1.1`,
    `TRACE ${CALL_PATH} HTTP/1.1`,
    `OPTIONS * HTTP/1.1`,
    `CONNECT 127.0.0.1:9 HTTP/1.1`,
    `CONNECT ${CALL_PATH} HTTP/1.1`,
    `FOO ${CALL_PATH} HTTP/1.1`,
    `POST * HTTP/1.1`,
    `POST ? HTTP/1.1`,
    `POST ${CALL_PATH}\x00 HTTP/1.1`,
    `POST ${CALL_PATH}\r HTTP/1.1`,
    'PRI * HTTP/2.0',
    `\x00POST ${CALL_PATH} HTTP/1.1`,
    `POST /${'a'.repeat(20_000)} HTTP/1.1`,
    `POST ${CALL_PATH}#a HTTP/1.1`,
    `P\xd6ST ${CALL_PATH} HTTP/1.1`,
    '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  ];
  for (const start of starts) {
    add(`start ${JSON.stringify(start.slice(0, 60))}`, post([`content-length: ${length}`], body, start));
  }

  const keyed = (...headers: string[]): string =>
    [`POST ${CALL_PATH} HTTP/1.1`, 'host: gateway', ...headers, `content-length: ${length}`, '', body].join(CRLF);
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
    [`POST ${CALL_PATH}?key=${key} HTTP/1.1`, 'host: gateway', `content-length: ${length}`, '', body].join(CRLF),
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
