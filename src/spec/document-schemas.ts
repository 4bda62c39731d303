// Owns which JSON Schema a document has, by its kind. Never validates.

import type { Document } from './document.ts';
import { serverSchema, siteSchema, testsSchema } from './schemas.gen.ts';

export const DOCUMENT_SCHEMAS = {
  server: serverSchema,
  site: siteSchema,
  tests: testsSchema,
} as const satisfies Record<Document['kind'], object>;

/** Whether documents of this kind have the key at their top. */
export function isDocumentKey(kind: Document['kind'], key: string): boolean {
  return Object.hasOwn(DOCUMENT_SCHEMAS[kind].properties, key);
}
