// Owns the schema of an overlay's documents, made from that of a spec's: for editors, which see one file and not what it
// lies over. Never validates: the engine judges what comes out of the merge (overlay.ts).

/** A JSON Schema, or a part of one. */
interface Schema {
  readonly [keyword: string]: unknown;
}

/** The key by which a document is told apart is not removed by null. */
const KIND_KEY = 'site';
/** What names one thing is replaced as one value, so an overlay writes it whole (overlay-value.ts). */
const WHOLE = ['secret', 'password', 'certificate', 'impersonates', 'access_rules'];

/**
 * The same schema for a document of an overlay: nothing is required, since the rest stands below it, and null removes
 * what a key has. Lists are replaced, so their items are as they are in a spec.
 */
export function overlaySchema(schema: Schema): Schema {
  const definitions = schema.$defs as Record<string, Schema>;
  const made: Record<string, Schema> = {};
  const lenient = (part: Schema): Schema => {
    if (typeof part.$ref !== 'string') return opened(part, lenient);
    const name = part.$ref.replace('#/$defs/', '');
    const over = `overlaid_${name}`;
    const definition = definitions[name];
    if (definition !== undefined && made[over] === undefined) {
      // Before it is made: a definition may lead back to itself.
      made[over] = {};
      made[over] = opened(definition, lenient);
    }
    return { ...part, $ref: `#/$defs/${over}` };
  };
  const { $defs, $id, title, description, properties, ...rest } = schema;
  return {
    ...rest,
    $id: String($id).replace('.schema.json', '-overlay.schema.json'),
    title: `${String(title)} of an overlay`,
    description: `${String(description)} Of an overlay: maps merge with what lies below, scalars and lists replace it (approvals, moved and tests are more of them), null removes.`,
    properties: mapped(properties as Record<string, Schema>, lenient),
    $defs: { ...definitions, ...made },
  };
}

/** A part that may also be null, and of which, where it is a map, nothing is required. */
function opened(part: Schema, lenient: (part: Schema) => Schema): Schema {
  const { required: _all, oneOf, ...rest } = part;
  return {
    ...rest,
    // One of several forms: as many as there were, and null.
    ...(Array.isArray(oneOf) ? { oneOf: [...oneOf.map(ofObjects), { type: 'null' }] } : {}),
    ...(part.type === undefined ? {} : { type: withNull(part.type) }),
    ...(Array.isArray(part.enum) ? { enum: [...part.enum, null] } : {}),
    ...(isMap(part.properties) && oneOf === undefined ? { properties: mapped(part.properties, lenient) } : {}),
    ...(isMap(part.additionalProperties) ? { additionalProperties: lenient(part.additionalProperties) } : {}),
    ...(isMap(part.patternProperties) ? { patternProperties: mapped(part.patternProperties, lenient) } : {}),
  };
}

function mapped(properties: Record<string, Schema>, lenient: (part: Schema) => Schema): Record<string, Schema> {
  return Object.fromEntries(
    Object.entries(properties).map(([key, part]) => {
      // Under ^x- anything goes already.
      if (key === KIND_KEY || !isMap(part)) return [key, part];
      return [
        key,
        WHOLE.includes(key) ? { ...annotations(part), anyOf: [{ $ref: part.$ref }, { type: 'null' }] } : lenient(part),
      ];
    }),
  );
}

function annotations({ title, description, examples }: Schema): Schema {
  return { title, description, examples };
}

/** `required` says nothing of what is no map, so null would be of every form. */
function ofObjects(form: unknown): unknown {
  return isMap(form) && form.type === undefined ? { type: 'object', ...form } : form;
}

function withNull(type: unknown): readonly unknown[] {
  const types = Array.isArray(type) ? type : [type];
  return types.includes('null') ? types : [...types, 'null'];
}

function isMap(value: unknown): value is Record<string, Schema> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
