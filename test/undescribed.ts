// Owns the look at which parts of a JSON Schema no description stands. Never looks behind a reference: its target has its own.

/** The ways to the parts without a description, each from the top: `/tests[]/name`. */
export function undescribed(schema: unknown): readonly string[] {
  const found: string[] = [];
  const look = (part: unknown, way: string): void => {
    if (typeof part !== 'object' || part === null) return;
    const { properties = {}, items, $defs = {}, ...own } = part as Readonly<Record<string, object>>;
    if (!('description' in own) && !('$ref' in own)) found.push(way);
    for (const [name, inner] of Object.entries({ ...properties, ...$defs })) look(inner, `${way}/${name}`);
    if (items !== undefined) look(items, `${way}[]`);
  };
  look(schema, '');
  return found;
}
