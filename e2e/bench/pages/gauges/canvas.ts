import { formatUsd } from '../../../../src-renderer/ui/format-usd.ts';
import type { BoardRow } from '../../../../src-main/contract/board.ts';
import type { Variant } from './variant.ts';

const ROW_PX = 40;

/** The rows that are on the screen, in one canvas, with the figures that the board shows: as little as a picture can cost. */
export const showCanvas: Variant = (place, feed) => {
  const canvas = document.createElement('canvas');
  canvas.width = window.innerWidth;
  canvas.height = window.innerHeight;
  canvas.style.display = 'block';
  place.append(canvas);
  const context = canvas.getContext('2d');
  if (!context) return;
  const model = new Map(feed.first.rows.map((row) => [row.tenantId, row]));
  let asked = false;
  const draw = (): void => {
    asked = false;
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.font = '13px sans-serif';
    let top = 0;
    for (const row of model.values()) {
      if (top > canvas.height) break;
      drawRow(context, row, top);
      top += ROW_PX;
    }
  };
  draw();
  feed.onFrame(({ rows }) => {
    for (const row of rows) model.set(row.tenantId, row);
    if (asked) return;
    asked = true;
    requestAnimationFrame(draw);
  });
};

function drawRow(context: CanvasRenderingContext2D, row: BoardRow, top: number): void {
  const limit = Number(row.cap?.limitNanoUsd ?? 1n);
  const committed = Number(row.committedNanoUsd ?? 0n) / limit;
  const held = Number(row.heldNanoUsd ?? 0n) / limit;
  const baseline = top + 24;
  context.fillStyle = '#222';
  context.fillText(row.name, 10, baseline);
  context.fillText('normal', 220, baseline);
  context.fillStyle = '#ddd';
  context.fillRect(400, top + 12, 300, 14);
  context.fillStyle = '#3b82f6';
  context.fillRect(400, top + 12, 300 * committed, 14);
  context.fillStyle = '#93c5fd';
  context.fillRect(400 + 300 * committed, top + 12, 300 * held, 14);
  context.fillStyle = '#222';
  context.fillText(`${Math.floor(committed * 100)} %`, 710, baseline);
  context.fillText(formatUsd(row.committedNanoUsd ?? 0n), 800, baseline);
  context.fillText(formatUsd(row.cap?.limitNanoUsd ?? 0n), 920, baseline);
  context.fillText(formatUsd(row.burnNanoUsdPerDay ?? 0n), 1040, baseline);
  context.fillText(String(row.callsLastMinute), 1150, baseline);
}
