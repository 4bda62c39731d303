// The configuration that the guide shows is one that loads, without a warning.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { compile } from '../../src/spec/compile.ts';
import { REPOSITORY } from '../cli/case.ts';

const guide = readFileSync(join(REPOSITORY, 'docs/guides/log-people-in.md'), 'utf8');
const [shown = '', lasting = '', refreshing = ''] = [...guide.matchAll(/```yaml\n(.*?)```/gs)].map(([, text]) => text);

/** The texts of problems, none where all is well. */
function problemsOf(text: string): readonly string[] {
  const { diagnostics } = compile([{ path: 'charter.yaml', text }], { now: Date.UTC(2026, 10, 1) });
  return diagnostics.map(({ code, detail }) => `${code}: ${detail}`);
}

it('what the guide of logins declares loads without a warning', () => {
  expect(problemsOf(shown)).toEqual([]);
});

it('so it does with the lifetimes that the guide shows', () => {
  const server = shown.replace(/^server: .*$/m, lasting.trimEnd());
  const whole = server.replace(/^( +)metadata:$/m, `${refreshing.trimEnd().replace(/^/gm, '    ')}\n$1metadata:`);
  expect(whole).toContain('require_live_session');
  expect(problemsOf(whole)).toEqual([]);
});
