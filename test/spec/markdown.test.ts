import { describe, expect, it } from 'vitest';
import type { Diagnostic } from '../../src/model/diagnostic.ts';
import { compile } from '../../src/spec/compile.ts';
import type { Findings } from '../../src/spec/outputs/findings.ts';
import { renderMarkdown } from '../../src/spec/outputs/markdown.ts';
import { codeSpan, fenced, htmlCode, MOST_OF_COMMENT, marker } from '../../src/spec/outputs/markdown-text.ts';
import { readComment } from '../plan/gfm.ts';
import { readCases } from './case.ts';

const located = (file: string) => (file === '' ? 'config' : `config/${file}`);
const of = (more: Partial<Findings>) => renderMarkdown({ diagnostics: [], files: [], located, ...more }, ['config']);

describe('the comment of a spec without a plan', () => {
  it('tells every problem of every case in code, and nothing of an author elsewhere', () => {
    for (const { name, files } of readCases()) {
      const { diagnostics } = compile(files);
      if (diagnostics.length === 0) continue;
      const { prose, code } = readComment(of({ diagnostics, files }));
      expect(prose, name).toMatch(
        /^### ❌ Charter: \d+ errors?, \d+ warnings?\n\nNothing is planned or applied until (it is|they are) mended\.\n\n▒\n$/,
      );
      for (const { code: id } of diagnostics.slice(0, 20)) expect(code[0], name).toContain(`[${id}]`);
    }
  });

  it('tells errors before warnings, and as many as fit', () => {
    const diagnostics = Array.from({ length: 120 }, (_, at): Diagnostic => {
      const start = { line: at + 1, column: 1, offset: 0 };
      return {
        severity: at < 100 ? 'warning' : 'error',
        code: 'key.unknown',
        summary: 'Unknown key',
        detail: `${'`'.repeat(at)}@octocat ${'x'.repeat(400)}`,
        help: Array.from({ length: 5 }, () => 'y'.repeat(500)).join('\n'),
        range: { file: 'a.yaml', start, end: start },
      };
    });
    const comment = of({ diagnostics });
    expect(comment.length).toBeLessThanOrEqual(MOST_OF_COMMENT);
    const { code } = readComment(comment);
    expect(code[0]).toMatch(/^error\[key\.unknown\]/);
    expect(code[0]?.match(/^error/gm)).toHaveLength(20);
    expect(code[0]).toMatch(/… and \d+ more problems$/);
  });

  it('of another failure tells that, on its own lines', () => {
    const message = 'The store ``` @octocat\ncannot be read.';
    expect(of({ failure: { code: 'x', message } })).toBe(
      '<!-- charter-plan:config -->\n### ❌ Charter failed\n\n````text\nThe store ``` @octocat\ncannot be read.\n````\n',
    );
  });

  it('hides a secret that stands in the source', () => {
    const files = [
      {
        path: 'a.yaml',
        text: 'site: A\napplications: { App: { secret: CANARY7hunter2, audience_mode: CANARY7hunter2 } }\n',
      },
    ];
    const comment = of({ diagnostics: compile(files).diagnostics, files });
    expect(comment).toContain('secret: ********');
    expect(comment).not.toContain('CANARY');
  });
});

describe('text as code', () => {
  it.each([
    ['a', '`a`'],
    ['a`b', '``a`b``'],
    ['`', '`` ` ``'],
    [' a ', '`  a  `'],
    ['', '`""`'],
    ['a\nb', '`a\\u{A}b`'],
  ])('in a line: %j', (text, shown) => {
    expect(codeSpan(text)).toBe(shown);
  });

  it('in a block has a fence that is longer than any within, and no line that is not cut', () => {
    expect(fenced(['a', '````', `${'x'.repeat(400)}`], 'text')).toBe(
      `\`\`\`\`\`text\na\n\`\`\`\`\n${'x'.repeat(299)}…\n\`\`\`\`\``,
    );
    expect(fenced(['x'.repeat(400)], 'yaml')).toContain('x'.repeat(400));
  });

  it('in a block may hold any number of backticks', () => {
    const lines = Array.from({ length: 2_000 }, () => '` '.repeat(150));
    expect(fenced(lines, 'text').startsWith('```text\n')).toBe(true);
  });

  it('in HTML is letters, digits and references to characters', () => {
    expect(htmlCode('a<b>&"@#1💥')).toBe('<code>a&#60;b&#62;&#38;&#34;&#64;&#35;1&#128165;</code>');
  });

  it('in the hidden mark cannot end it, and two specs have two marks', () => {
    expect(marker(['platform', 'teams/a b'])).toBe('<!-- charter-plan:platform+teams/a%20b -->');
    expect(marker(['a-->b', '--'])).toBe('<!-- charter-plan:a%2D%2D%3Eb+%2D%2D -->');
    expect(marker(['a'.repeat(5_000)])).toMatch(/^<!-- charter-plan:sha256:[0-9a-f]{64} -->$/);
    expect(marker(['a+b'])).not.toBe(marker(['a', 'b']));
  });
});
