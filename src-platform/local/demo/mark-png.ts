import { createHash } from 'node:crypto';
import { crc32, deflateSync } from 'node:zlib';

const CELLS = 5;
const CELL_PIXELS = 24;
const MARGIN = 12;
const SIDE = CELLS * CELL_PIXELS + 2 * MARGIN;
/** https://www.w3.org/TR/png-3/: eight bits, three channels with alpha. */
const TRUECOLOUR_ALPHA = [8, 6, 0, 0, 0];

/** A pretend client's logo: a symmetrical mark of white squares on its colour ("#rrggbb"), the same for the same word. */
export function markPng(colour: string, word: string): Buffer {
  const digest = createHash('sha256').update(word).digest();
  const ink = [...Buffer.from(colour.slice(1), 'hex'), 0xff];
  const paper = [0xff, 0xff, 0xff, 0xff];
  const lit = (x: number, y: number): boolean => {
    const [column, row] = [x, y].map((at) => Math.floor((at - MARGIN) / CELL_PIXELS)) as [number, number];
    if (column < 0 || row < 0 || column >= CELLS || row >= CELLS) return false;
    const mirrored = Math.min(column, CELLS - 1 - column);
    return ((digest[row * 3 + mirrored] ?? 0) & 1) === 1 || (mirrored === 2 && row === 2);
  };
  const rows = Array.from({ length: SIDE }, (_, y) => [
    0, // no filter
    ...Array.from({ length: SIDE }, (__, x) => (lit(x, y) ? paper : ink)).flat(),
  ]);
  const header = Buffer.alloc(8);
  header.writeUInt32BE(SIDE, 0);
  header.writeUInt32BE(SIDE, 4);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', Buffer.concat([header, Buffer.from(TRUECOLOUR_ALPHA)])),
    chunk('IDAT', deflateSync(Buffer.from(rows.flat()))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}
