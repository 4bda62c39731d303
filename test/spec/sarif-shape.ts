// Owns the part of SARIF 2.1.0 that Charter writes, as a schema: the required members, types and bounds of the OASIS
// schema, and nothing beside. Never knows Charter's codes.

import { Ajv2020 } from 'ajv/dist/2020.js';

type Members = Readonly<Record<string, object>>;

function object(properties: Members, required: readonly string[] = []): object {
  return { type: 'object', properties, required, additionalProperties: false };
}

function list(items: object, more: object = {}): object {
  return { type: 'array', items, ...more };
}

const text = { type: 'string', minLength: 1 };
const level = { enum: ['none', 'note', 'warning', 'error'] };
const position = { type: 'integer', minimum: 1 };
const message = object({ text }, ['text']);
const region = object({ startLine: position, startColumn: position, endLine: position, endColumn: position }, [
  'startLine',
]);
const artifactLocation = object(
  { uri: { type: 'string', pattern: "^(file:///)?([A-Za-z0-9._~!$&'()*+,;=@/-]|%[0-9A-F]{2})+$" } },
  ['uri'],
);
const location = object({
  id: { type: 'integer', minimum: -1 },
  physicalLocation: object({ artifactLocation, region }, ['artifactLocation']),
  logicalLocations: list(object({ fullyQualifiedName: text })),
  message,
});
const replacement = object({ deletedRegion: region, insertedContent: object({ text }, ['text']) }, ['deletedRegion']);
const artifactChange = object({ artifactLocation, replacements: list(replacement, { minItems: 1 }) }, [
  'artifactLocation',
  'replacements',
]);
const fix = object(
  { description: message, artifactChanges: list(artifactChange, { minItems: 1, uniqueItems: true }) },
  ['artifactChanges'],
);
const result = object(
  {
    ruleId: text,
    ruleIndex: { type: 'integer', minimum: 0 },
    level,
    message,
    locations: list(location),
    relatedLocations: list(location, { uniqueItems: true }),
    fixes: list(fix, { uniqueItems: true }),
    partialFingerprints: { type: 'object', additionalProperties: { type: 'string' } },
  },
  ['message', 'ruleId', 'ruleIndex', 'level', 'partialFingerprints'],
);
const rule = object(
  {
    id: text,
    shortDescription: message,
    fullDescription: message,
    help: message,
    defaultConfiguration: object({ level }),
  },
  ['id'],
);
const invocation = object(
  {
    executionSuccessful: { type: 'boolean' },
    toolExecutionNotifications: list(object({ level, message }, ['message'])),
  },
  ['executionSuccessful'],
);
const driver = object({ name: text, version: text, rules: list(rule, { uniqueItems: true }) }, ['name']);
const run = object(
  {
    tool: object({ driver }, ['driver']),
    invocations: list(invocation),
    columnKind: { enum: ['utf16CodeUnits', 'unicodeCodePoints'] },
    results: list(result),
  },
  ['tool', 'results'],
);
const log = object({ $schema: { type: 'string' }, version: { const: '2.1.0' }, runs: list(run) }, ['version', 'runs']);

const validate = new Ajv2020({ strict: false }).compile(log);

/** What is wrong with a log, none when it is right. */
export function validateSarif(document: unknown): readonly string[] {
  return validate(document) ? [] : (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
}
