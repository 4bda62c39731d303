// Owns the comment that says why there is no plan: what is wrong with the spec, or why nothing could be found out.
// Never holds text of an author outside a block of code.

import { count } from '../../model/count.ts';
import { renderDiagnostics } from '../frame.ts';
import { literalSecrets } from '../redact.ts';
import { countProblems, type Findings, gravestFirst } from './findings.ts';
import { fenced, MOST_OF_COMMENT, marker } from './markdown-text.ts';

/** Fewer and fewer of the problems, until they fit. */
const STEPS = [100, 50, 20, 10, 5, 1];

/** `key` are the words that tell this comment from others of a pull request. Ends with a line break. */
export function renderMarkdown({ diagnostics, files, failure }: Findings, key: readonly string[]): string {
  const { errors, warnings } = countProblems(diagnostics);
  const problems = `${count(errors, 'error')}, ${count(warnings, 'warning')}`;
  const told =
    failure === undefined
      ? `### ❌ Charter: ${problems}\n\nNothing is planned or applied until ${errors === 1 ? 'it is' : 'they are'} mended.`
      : `### ❌ Charter failed\n\n${fenced(failure.message.split('\n'), 'text')}`;
  const head = `${marker(key)}\n${told}\n`;
  if (diagnostics.length === 0) return head;
  for (const most of STEPS) {
    const text = `${head}\n${framesMarkdown({ diagnostics, files }, most)}\n`;
    if (text.length <= MOST_OF_COMMENT) return text;
  }
  return head;
}

/** The frames of the gravest, and how many more there are. */
export function framesMarkdown({ diagnostics, files }: Pick<Findings, 'diagnostics' | 'files'>, most: number): string {
  const literals = literalSecrets(diagnostics, files);
  const shown = gravestFirst(diagnostics).slice(0, most);
  const frames = renderDiagnostics(shown, files, { color: false, literals }).trimEnd().split('\n');
  const left = diagnostics.length - shown.length;
  return fenced([...frames, ...(left > 0 ? ['', `… and ${count(left, 'more problem')}`] : [])], 'text');
}
