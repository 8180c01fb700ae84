import { implement } from '@orpc/server';
import { contract } from '../contract/contract.ts';
import type { BoardService } from './board-service.ts';

export function createBoardHandlers(service: BoardService) {
  const os = implement(contract.board);
  return { watch: os.watch.handler(({ signal }) => service.watch(signal)) };
}
