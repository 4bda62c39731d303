// Owns findings as a JUnit report: each file of the spec is a test that passes when it has no error. Never writes what
// XML 1.0 cannot hold, and never a colour.

import type { Diagnostic } from '../../model/diagnostic.ts';
import { renderDiagnostics } from '../frame.ts';
import { escapeControls } from '../frame-line.ts';
import { literalSecrets } from '../redact.ts';
import type { SourceFile } from '../source.ts';
import { countProblems, type Findings } from './findings.ts';

const CLASS = 'charter.validate';

/** The report as text, with a line break at its end. Frames of warnings are the output of a test that passes. */
export function renderJunit({ diagnostics, files, located, failure }: Findings): string {
  const texts = new Map(files.map((file) => [file.path, file]));
  const problems = new Map<string | undefined, Diagnostic[]>(files.map(({ path }) => [path, []]));
  for (const diagnostic of diagnostics) {
    const about = problems.get(diagnostic.range?.file) ?? [];
    problems.set(diagnostic.range?.file, about);
    about.push(diagnostic);
  }
  const literals = literalSecrets(diagnostics, files);
  const cases = [...problems].map(([path, about]) =>
    testCase(located(path ?? ''), about, path === undefined ? undefined : texts.get(path), literals),
  );
  const broken =
    failure === undefined
      ? ''
      : `    <testcase${attributes({ classname: CLASS, name: located('') })}>\n` +
        `      <error${attributes({ type: failure.code, message: failure.message })}/>\n    </testcase>\n`;
  const failures = [...problems.values()].filter((about) => countProblems(about).errors > 0).length;
  const counts = {
    tests: String(cases.length + (broken === '' ? 0 : 1)),
    failures: String(failures),
    errors: broken === '' ? '0' : '1',
  };
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    `<testsuites${attributes({ name: 'charter validate', ...counts })}>\n` +
    `  <testsuite${attributes({ name: located(''), ...counts, skipped: '0' })}>\n` +
    `${broken}${cases.join('')}  </testsuite>\n</testsuites>\n`
  );
}

/** Errors and warnings of a file are framed together: what an error knows to be a secret is hidden in all of them. */
function testCase(
  name: string,
  about: readonly Diagnostic[],
  file: SourceFile | undefined,
  literals: ReadonlySet<string>,
): string {
  const { errors, warnings } = countProblems(about);
  const frames = escapeXml(renderDiagnostics(about, file === undefined ? [] : [file], { color: false, literals }));
  const named = attributes({ classname: CLASS, name, ...(file === undefined ? {} : { file: name }) });
  if (errors === 0 && warnings === 0) return `    <testcase${named}/>\n`;
  if (errors === 0) return `    <testcase${named}>\n      <system-out>${frames}</system-out>\n    </testcase>\n`;
  const codes = [...new Set(about.filter(({ severity }) => severity === 'error').map(({ code }) => code))];
  const [type = ''] = codes;
  const told = codes.length > 5 ? [...codes.slice(0, 5), '…'] : codes;
  const message = `${errors} ${errors === 1 ? 'error' : 'errors'}: ${told.join(', ')}`;
  return `    <testcase${named}>\n      <failure${attributes({ type, message })}>${frames}</failure>\n    </testcase>\n`;
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
