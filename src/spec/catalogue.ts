// Owns the list of everything that can be wrong with a spec, and how a diagnostic is made from it. docs/diagnostics.md
// is generated from here. Never finds a problem and never renders one.

import type { Address } from '../model/address.ts';
import type { Diagnostic, Fix, RelatedPlace, Severity } from '../model/diagnostic.ts';
import type { SourceRange } from '../model/origin.ts';
import { LINT_CODES, REFERENCE_CODES } from './catalogue-access.ts';
import { CREDENTIAL_CODES } from './catalogue-credentials.ts';
import { SAFETY_CODES, WAIVER_CODES } from './catalogue-lint.ts';
import { APPROVAL_CODES, MOVE_CODES } from './catalogue-plan.ts';
import { SHAPE_CODES } from './catalogue-shape.ts';
import { TEST_CODES } from './catalogue-tests.ts';
import { FILE_CODES, YAML_CODES } from './catalogue-yaml.ts';

export interface CatalogueEntry {
  readonly severity: Severity;
  /** Fixed text: no names of the author's. */
  readonly summary: string;
  /** Summaries of the same fault for different kinds of things. */
  readonly variants?: { readonly [variant: string]: string };
  /** Why it is one, and how to mend it: a paragraph. */
  readonly explanation: string;
  /** Of an error: whether server.lint.allow may waive it. isWaivable answers for all codes. */
  readonly waivable?: true;
}

/** Every code, in the order of docs/diagnostics.md. A code is never renamed and never means something else. */
export const DIAGNOSTICS = {
  ...FILE_CODES,
  ...YAML_CODES,
  ...SHAPE_CODES,
  ...REFERENCE_CODES,
  ...MOVE_CODES,
  ...APPROVAL_CODES,
  ...TEST_CODES,
  ...LINT_CODES,
  ...SAFETY_CODES,
  ...CREDENTIAL_CODES,
  ...WAIVER_CODES,
} as const satisfies Record<string, CatalogueEntry>;

export type DiagnosticCode = keyof typeof DIAGNOSTICS;

/** Whether server.lint.allow may waive the code: every warning but those about waivers, and few errors. */
export function isWaivable(code: DiagnosticCode): boolean {
  const entry: CatalogueEntry = DIAGNOSTICS[code];
  return entry.severity === 'warning' ? !Object.hasOwn(WAIVER_CODES, code) : entry.waivable === true;
}

type Variant<C extends DiagnosticCode> = (typeof DIAGNOSTICS)[C] extends { variants: infer V } ? keyof V : never;

/** What is specific to one occurrence. */
export interface Told<C extends DiagnosticCode = DiagnosticCode> {
  readonly detail: string;
  readonly variant?: Variant<C>;
  readonly help?: string | undefined;
  readonly range?: SourceRange | undefined;
  readonly address?: Address | undefined;
  readonly related?: readonly RelatedPlace[] | undefined;
  readonly fixes?: readonly Fix[] | undefined;
}

/** What of one word, and of a whole sentence, is repeated at most: a key may be as long as its file. */
const MOST_OF_WORD = 200;
const MOST_OF_TEXT = 1000;

function bounded(text: string): string {
  if (text.length <= MOST_OF_WORD) return text;
  const words = text.replace(LONG_WORD, (word) => `${word.slice(0, MOST_OF_WORD)}…`);
  return words.length <= MOST_OF_TEXT ? words : `${words.slice(0, MOST_OF_TEXT)}…`;
}
const LONG_WORD = new RegExp(`(?<!\\S)\\S{${MOST_OF_WORD + 1},}`, 'gu');

/** Makes the diagnostic of a code. Members that are undefined or empty are left out. */
export function report<C extends DiagnosticCode>(code: C, told: Told<C>): Diagnostic {
  const entry: CatalogueEntry = DIAGNOSTICS[code];
  const { detail, variant, help, range, address, related, fixes } = told;
  return {
    severity: entry.severity,
    code,
    summary: (variant === undefined ? undefined : entry.variants?.[String(variant)]) ?? entry.summary,
    detail: bounded(detail),
    ...(help === undefined ? {} : { help: bounded(help) }),
    ...(address === undefined ? {} : { address }),
    ...(range === undefined ? {} : { range }),
    ...(related === undefined || related.length === 0 ? {} : { related }),
    ...(fixes === undefined || fixes.length === 0 ? {} : { fixes }),
  };
}
