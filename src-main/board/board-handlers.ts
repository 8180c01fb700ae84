import { implement } from '@orpc/server';
import { contract } from '../contract/contract.ts';
import type { BoardService } from './board-service.ts';

export function createBoardHandlers() {
  const os = implement(contract.board).$context<{ readonly board: BoardService }>();
  return { watch: os.watch.handler(({ context, signal }) => context.board.watch(signal)) };
}
