// Owns whether a document has the shape that schema/plan.schema.json gives it, and in words what does not fit. Never asks
// whether what it says is true (saved-plan.ts does).

import type { ErrorObject } from 'ajv';
import { escapeToken } from '../model/pointer.ts';
import { closedEntity, plan, refusal } from './plan-validators.gen.ts';
import type { PublicEntity } from './public-entity.ts';
import { cut, escapeControls } from './style.ts';

const LONGEST_SHOWN = 60;

/** The first place of the document that does not fit, in a sentence without a full stop; undefined when all of it does. */
export function shapeFault(document: unknown, as: 'plan' | 'refusal'): string | undefined {
  const check = as === 'plan' ? plan : refusal;
  return check(document) ? undefined : speak(gravest(check.errors ?? []));
}

/** JSON pointer of the first member that this version does not know; undefined when it knows all. */
export function unknownMember(entity: PublicEntity): string | undefined {
  if (closedEntity(entity)) return undefined;
  const { instancePath, params } = gravest(closedEntity.errors ?? []);
  const name: unknown = params.additionalProperty;
  return typeof name === 'string' ? `${instancePath}/${escapeToken(name)}` : instancePath;
}

/**
 * The deepest one: that none of several forms fits says less than what of the nearest one does not. Of several ways to be
 * complete none is nearer than another.
 */
function gravest(errors: readonly ErrorObject[]): ErrorObject {
  const weight = (error: ErrorObject) => error.instancePath.split('/').length + (waysOf(error) === undefined ? 0 : 0.5);
  const [first, ...others] = errors;
  if (first === undefined) throw new Error('no error to tell');
  return others.reduce((found, error) => (weight(error) > weight(found) ? error : found), first);
}

/** The members that each of several forms has; undefined where forms differ in more. */
function waysOf({ keyword, schema }: ErrorObject): readonly string[] | undefined {
  const forms: unknown = keyword === 'oneOf' ? schema : undefined;
  if (!Array.isArray(forms) || !forms.every((form) => Object.keys(form).join() === 'required')) return undefined;
  return forms.map(({ required }) => required.join(' with '));
}

function speak(error: ErrorObject): string {
  const { instancePath, keyword, params, data } = error;
  const ways = waysOf(error);
  if (ways !== undefined) return `at ${place(instancePath)} one of these is expected, and no other: ${ways.join(', ')}`;
  if (keyword === 'required') {
    return `${place(`${instancePath}/${escapeToken(String(params.missingProperty))}`)} is missing`;
  }
  return `at ${place(instancePath)} ${expected(error)} is expected, and there is ${found(data)}`;
}

function expected({ keyword, params, parentSchema, message }: ErrorObject): string {
  switch (keyword) {
    case 'type':
      return [params.type]
        .flat()
        .map((type) => TYPES[String(type)] ?? String(type))
        .join(' or ');
    case 'const':
      return JSON.stringify(params.allowedValue);
    case 'enum':
      return `one of ${(params.allowedValues as readonly unknown[]).map((value) => JSON.stringify(value)).join(', ')}`;
    case 'pattern':
    case 'format': {
      const described: unknown = (parentSchema as { readonly description?: unknown } | undefined)?.description;
      return typeof described === 'string' ? `“${described}”` : `a text of the form ${params.pattern ?? params.format}`;
    }
    default:
      return `something else (${message})`;
  }
}

const TYPES: Readonly<Record<string, string>> = {
  object: 'an object',
  array: 'a list',
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  null: 'null',
};

function found(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  return shown(JSON.stringify(value));
}

function place(pointer: string): string {
  return pointer === '' ? 'the beginning' : shown(pointer);
}

function shown(text: string): string {
  return escapeControls(cut(text, LONGEST_SHOWN));
}
