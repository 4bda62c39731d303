// Owns which codes may come with a machine fix; a test holds it against the cases. Never fixes anything.

import type { DiagnosticCode } from './catalogue.ts';

/** Whether one of this code has a fix depends on the text: a name must be near, a list be written in brackets. */
export const FIXABLE_CODES: ReadonlySet<string> = new Set<DiagnosticCode>([
  'yaml.version',
  'yaml.unquoted-hash',
  'yaml.unquoted-name',
  'yaml.unquoted-value',
  'yaml.ambiguous-word',
  'key.unknown',
  'value.type',
  'value.not-allowed',
  'value.duplicate',
  'issuer.invalid',
  'issuer.insecure',
  'redirect-uri.invalid',
  'redirect-uri.insecure',
  'url.invalid',
  'host.invalid',
  'path.invalid',
  'secret.literal',
  'reference.unknown',
  'link.not-given',
  'policy.name-not-given',
  'policy.literal-expression',
  'attribute.unknown',
  'moved.not-declared',
  'moved.identity',
  'approval.invalid',
  'lint.unknown-code',
]);
