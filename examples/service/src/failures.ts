// Errors as answers: a status by the error's code, and a body that names it.

import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";

const BUSY = 503;
const STATUS: Readonly<Record<string, number>> = {
  ERR_BAD_INPUT: 400,
  ABORT_ERR: 499, // the client has gone: for the metrics alone
  ERR_THREAD_DIED: 500,
  ERR_QUEUE_FULL: BUSY,
  ERR_HEAP_EXHAUSTED: BUSY,
  ERR_THREAD_START: BUSY,
  ERR_SERVICE_DOWN: BUSY,
  ERR_CLOSED: BUSY,
  ERR_TOTAL_TIMEOUT: 504,
  ERR_TIMEOUT: 504,
};
const RETRY_AFTER_S = 1;

export function answerFailure(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const status = STATUS[error.code] ?? error.statusCode ?? 500;
  const isKnown = error.code in STATUS || status < 500;
  if (!isKnown || status === 500) request.log.error(error);
  if (status === BUSY) reply.header("retry-after", RETRY_AFTER_S);
  reply.code(status).send({ code: error.code ?? "ERR_INTERNAL", message: isKnown ? error.message : "something went wrong here" });
}
