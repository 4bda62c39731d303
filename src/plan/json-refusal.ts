// Owns what stands in the place of a plan document when there is no plan. Never decides why there is none.

import type { Diagnostic } from '../model/diagnostic.ts';
import { diagnosticsToJson } from '../spec/outputs/json.ts';
import { FORMAT_VERSION, type PlanContext } from './json.ts';
import { instantToJson } from './json-places.ts';
import type { RefusalJson } from './json-types.ts';

/** What is wrong with a spec, or what else failed. */
export type RefusalReason =
  | { readonly diagnostics: readonly Diagnostic[] }
  | { readonly error: { readonly code: string; readonly message: string } };

/** Plain data, ready for JSON.stringify. `exitCode` is that with which the command ends. */
export function refusalToJson(
  reason: RefusalReason,
  exitCode: number,
  { engine_version, timestamp }: Pick<PlanContext, 'engine_version' | 'timestamp'> = {},
): RefusalJson {
  return {
    format_version: FORMAT_VERSION,
    ...(engine_version === undefined ? {} : { engine_version }),
    ...(timestamp === undefined ? {} : { timestamp: instantToJson(timestamp) }),
    outcome: { exit_code: exitCode, changes: false },
    ...('diagnostics' in reason
      ? { diagnostics: diagnosticsToJson(reason.diagnostics) }
      : { error: { code: reason.error.code, message: reason.error.message } }),
  };
}
