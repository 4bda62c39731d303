// Owns the errors told to who operates Charter: each has a stable code. Never about the spec (diagnostic.ts) nor a
// client's request (oauth/error.ts).

export type FailureCode =
  | 'usage'
  | 'output_unwritable'
  | 'stale_plan'
  | 'plan_invalid'
  | 'plan_not_applicable'
  | 'base_unreadable'
  | 'generation_unknown'
  | 'not_exportable'
  | 'store_unavailable'
  | 'store_foreign'
  | 'store_newer'
  | 'store_other_issuer'
  | 'secret_missing'
  | 'secret_invalid'
  | 'listen_failed'
  | 'server_absent'
  | 'server_unreachable'
  | 'tls_invalid'
  | 'spec_unsettled'
  | 'restart_needed'
  | 'client_keys_unavailable'
  | 'key_unknown'
  | 'key_last'
  | 'grant_unknown'
  | 'busy';

/** Something that an operator can act on. `message` says what happened, why and what to do; no stack is ever shown. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code: FailureCode;

  constructor(code: FailureCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
