// Owns `charter schema`: the JSON Schemas that are shipped, printed or written, as in schema/. Never makes one.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { answerSchema } from '../explain/answer-schema.gen.ts';
import { testSchema } from '../explain/test-schema.gen.ts';
import { Failure } from '../model/failure.ts';
import { planSchema } from '../plan/plan-schema.gen.ts';
import { systemReason } from '../reconcile/system-reason.ts';
import { overlaySchema } from '../spec/overlay-schema.ts';
import { serverSchema, siteSchema, testsSchema } from '../spec/schemas.gen.ts';
import { validateSchema } from '../spec/validate-schema.gen.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { writeWhole } from './files-out.ts';
import type { Terminal } from './terminal.ts';

export interface SchemaOptions {
  /** `server`, `site` or `tests`, each also with `-overlay`; `validate`, `test`, `answer`, `plan`. */
  readonly kind?: string;
  /** The directory to write to, made where it is missing. */
  readonly write?: string;
}

const SCHEMAS: readonly (readonly [kind: string, schema: { readonly $id?: unknown; readonly title?: unknown }])[] = [
  ['server', serverSchema],
  ['site', siteSchema],
  ['tests', testsSchema],
  ['server-overlay', overlaySchema(serverSchema)],
  ['site-overlay', overlaySchema(siteSchema)],
  ['tests-overlay', overlaySchema(testsSchema)],
  ['validate', validateSchema],
  ['test', testSchema],
  ['answer', answerSchema],
  ['plan', planSchema],
];

/** Of what commands write: no editor needs those. */
const WRITTEN: readonly string[] = [
  'validate.schema.json',
  'test.schema.json',
  'answer.schema.json',
  'plan.schema.json',
];

/** Of what people write: those that editors need, by the name of their file. */
export function editorSchemaFiles(): ReadonlyMap<string, string> {
  return new Map([...schemaFiles()].filter(([name]) => !WRITTEN.includes(name)));
}

/** By the name of the file that holds it: `site.schema.json`. */
function schemaFiles(kind?: string): ReadonlyMap<string, string> {
  const wanted = SCHEMAS.filter(([name]) => kind === undefined || name === kind);
  return new Map(wanted.map(([name, schema]) => [`${name}.schema.json`, `${JSON.stringify(schema, null, 2)}\n`]));
}

export async function schema({ kind, write }: SchemaOptions, terminal: Terminal): Promise<ExitCode> {
  if (write !== undefined) {
    for (const path of await writeSchemas(write, kind)) terminal.out(`${path}\n`);
  } else if (kind !== undefined) {
    for (const text of schemaFiles(kind).values()) terminal.out(text);
  } else {
    // A list, and not all schemas in one JSON value: no tool reads several schemas from one file.
    for (const [name, { $id, title }] of SCHEMAS) terminal.out(`${name.padEnd(16)}${$id}  ${title}\n`);
    terminal.out('\ncharter schema --kind KIND prints one; charter schema --write DIR writes all for editors.\n');
  }
  return EXIT.done;
}

async function writeSchemas(directory: string, kind: string | undefined): Promise<readonly string[]> {
  if (directory === '') throw new Failure('usage', '--write is empty: is a variable not set?');
  const written: string[] = [];
  try {
    await mkdir(directory, { recursive: true });
    for (const [name, text] of schemaFiles(kind)) {
      await writeWhole(join(directory, name), text);
      written.push(join(directory, name));
    }
  } catch (error) {
    throw new Failure('output_unwritable', `--write ${directory} cannot be written: ${systemReason(error)}.`, {
      cause: error,
    });
  }
  return written;
}
