/** The request is at fault, not the service. It crosses threads with its code. */
export class BadInput extends Error {
  readonly code = "ERR_BAD_INPUT";
}
