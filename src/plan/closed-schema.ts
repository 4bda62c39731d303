// Owns the schema of a document without its leave to hold more than it describes. Never validates.

/**
 * The schema as it would be if no minor version could add a member: what this version writes fits it, and what does not is
 * of another version.
 */
export function closedSchema(schema: object): object {
  return close(schema) as object;
}

/** Not into what only narrows what is described elsewhere. */
function close(value: unknown, key = ''): unknown {
  if (typeof value !== 'object' || value === null || NARROWING.has(key)) return value;
  if (Array.isArray(value)) return value.map((item) => close(item));
  const inner = Object.fromEntries(Object.entries(value).map(([name, member]) => [name, close(member, name)]));
  const isBranched = Array.isArray(inner.allOf) && inner.allOf.every(({ then }) => '$ref' in then);
  if (!('properties' in inner) || 'additionalProperties' in inner || isBranched) return inner;
  return { ...inner, additionalProperties: false };
}

const NARROWING: ReadonlySet<string> = new Set(['allOf', 'not', 'required', 'enum', 'const']);
