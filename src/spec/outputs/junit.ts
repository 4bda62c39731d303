// Owns findings as a JUnit report: each file of the spec is a test that passes when it has no error, and what a command
// has judged beside are suites of their own. Never writes what XML 1.0 cannot hold, and never a colour.

import type { Diagnostic } from '../../model/diagnostic.ts';
import { renderDiagnostics } from '../frame.ts';
import { escapeControls } from '../frame-line.ts';
import { literalSecrets } from '../redact.ts';
import type { SourceFile } from '../source.ts';
import { countProblems, type Findings } from './findings.ts';

const CLASS = 'charter.validate';

/** Tests beside the files of the spec. */
export interface Suite {
  readonly name: string;
  readonly cases: readonly Case[];
  /** What is to be known beside them. */
  readonly output?: string | undefined;
}

export interface Case {
  readonly classname: string;
  readonly name: string;
  /** The path as other tools find it. */
  readonly file?: string | undefined;
  /** Of one that failed: why, in a line and in full. */
  readonly failure?: { readonly type: string; readonly message: string; readonly text: string } | undefined;
  /** Of one that could not be run. */
  readonly error?: { readonly type: string; readonly message: string } | undefined;
  /** What one that passed has to say. */
  readonly output?: string | undefined;
}

/**
 * The report of a command as text, with a line break at its end. Frames of warnings are the output of a test that passes.
 */
export function renderJunit(
  { diagnostics, files, located, failure, notes = [] }: Findings,
  command = 'validate',
  suites: readonly Suite[] = [],
): string {
  const texts = new Map(files.map((file) => [file.path, file]));
  const problems = new Map<string | undefined, Diagnostic[]>(files.map(({ path }) => [path, []]));
  for (const diagnostic of diagnostics) {
    const about = problems.get(diagnostic.range?.file) ?? [];
    problems.set(diagnostic.range?.file, about);
    about.push(diagnostic);
  }
  const literals = literalSecrets(diagnostics, files);
  const cases = [...problems].map(([path, about]) =>
    caseOf(located(path ?? ''), about, path === undefined ? undefined : texts.get(path), literals),
  );
  const broken: readonly Case[] =
    failure === undefined
      ? []
      : [{ classname: CLASS, name: located(''), error: { type: failure.code, message: failure.message } }];
  const output = notes.length === 0 ? undefined : notes.join('\n');
  const all: readonly Suite[] = [{ name: located(''), cases: [...broken, ...cases], output }, ...suites];
  const counts = countsOf(all.flatMap((suite) => suite.cases));
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    `<testsuites${attributes({ name: `charter ${command}`, ...counts })}>\n` +
    `${all.map(printSuite).join('')}</testsuites>\n`
  );
}

function countsOf(cases: readonly Case[]): Readonly<Record<string, string>> {
  const of = (outcome: 'failure' | 'error') => String(cases.filter((one) => one[outcome] !== undefined).length);
  return { tests: String(cases.length), failures: of('failure'), errors: of('error') };
}

function printSuite({ name, cases, output }: Suite): string {
  const told = attributes({ name, ...countsOf(cases), skipped: '0' });
  const said = output === undefined ? '' : `    ${systemOut(output)}\n`;
  return `  <testsuite${told}>\n${cases.map(printCase).join('')}${said}  </testsuite>\n`;
}

function printCase(one: Case): string {
  const { classname, name, file } = one;
  const named = attributes({ classname, name, ...(file === undefined ? {} : { file }) });
  const inside = insideOf(one);
  return inside === '' ? `    <testcase${named}/>\n` : `    <testcase${named}>\n      ${inside}\n    </testcase>\n`;
}

function insideOf({ failure, error, output }: Case): string {
  if (error !== undefined) return `<error${attributes(error)}/>`;
  if (failure !== undefined) {
    const { text, ...told } = failure;
    return `<failure${attributes(told)}>${escapeXml(text)}</failure>`;
  }
  return output === undefined ? '' : systemOut(output);
}

function systemOut(text: string): string {
  return `<system-out>${escapeXml(text)}</system-out>`;
}

/** Errors and warnings of a file are framed together: what an error knows to be a secret is hidden in all of them. */
function caseOf(
  name: string,
  about: readonly Diagnostic[],
  file: SourceFile | undefined,
  literals: ReadonlySet<string>,
): Case {
  const { errors, warnings } = countProblems(about);
  const text = renderDiagnostics(about, file === undefined ? [] : [file], { color: false, literals });
  const named = { classname: CLASS, name, ...(file === undefined ? {} : { file: name }) };
  if (errors === 0) return warnings === 0 ? named : { ...named, output: text };
  const codes = [...new Set(about.filter(({ severity }) => severity === 'error').map(({ code }) => code))];
  const [type = ''] = codes;
  const told = codes.length > 5 ? [...codes.slice(0, 5), '…'] : codes;
  const message = `${errors} ${errors === 1 ? 'error' : 'errors'}: ${told.join(', ')}`;
  return { ...named, failure: { type, message, text } };
}

function attributes(members: Readonly<Record<string, string>>): string {
  return Object.entries(members)
    .map(([name, value]) => ` ${name}="${escapeXml(escapeControls(value))}"`)
    .join('');
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
/** What is no Char of XML 1.0 (section 2.2), escaped or not. */
const NO_XML = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

function escapeXml(text: string): string {
  return text.replace(NO_XML, '').replace(/[&<>"]/g, (mark) => ENTITIES[mark] ?? mark);
}
