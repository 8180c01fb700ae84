/** The codes of the contract that the main side gives a reason for; anything else is INTERNAL. */
export type OperatorErrorCode = 'BAD_REQUEST' | 'UNAUTHORIZED' | 'FORBIDDEN' | 'NOT_FOUND' | 'CONFLICT' | 'UNAVAILABLE';

/**
 * An expected failure. `message` is a sentence for the operator: what is wrong and what to do. `data` is what the
 * contract declares for the code, and nothing else of it leaves main.
 */
export class OperatorError extends Error {
  override readonly name: string = 'OperatorError';
  readonly code: OperatorErrorCode;
  readonly data: unknown;

  constructor(
    code: OperatorErrorCode,
    message: string,
    options: { readonly data?: unknown; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.data = options.data;
  }
}

/** A function of the platform said no, in its own sentence; `detail` is its JSON for the caller's rules. */
export class PlatformRefusal extends OperatorError {
  override readonly name = 'PlatformRefusal';
  readonly detail: string | null;

  constructor(code: OperatorErrorCode, message: string, detail: string | null, cause: unknown) {
    super(code, message, { cause });
    this.detail = detail;
  }
}
