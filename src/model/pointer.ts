// Owns the writing of JSON pointers into entities (RFC 6901), as places name them. Never follows one.

/** A key as one step of a pointer. */
export function escapeToken(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
