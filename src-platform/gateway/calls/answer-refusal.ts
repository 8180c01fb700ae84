import type { FastifyReply } from 'fastify';
import type { Refusal } from '../admission/refusal.ts';
import type { WireFormat } from './wire-format.ts';

/** Answers in the format's error shape. */
export function answerRefusal(
  reply: FastifyReply,
  format: Pick<WireFormat, 'errorBody'>,
  refusal: Refusal,
): FastifyReply {
  if (refusal.headers) reply.headers(refusal.headers);
  return reply.code(refusal.status).type('application/json; charset=utf-8').send(format.errorBody(refusal));
}
