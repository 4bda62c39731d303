import { readFileSync } from 'node:fs';
import { test } from 'vitest';
import { compile } from '../../src/spec/compile.ts';

test('x', () => {
  const text = readFileSync('/work/main/test/spec/design-example.yaml', 'utf8');
  const c = compile([{ path: 'a.yaml', text }]);
  console.log(JSON.stringify(c.diagnostics, null, 1));
  if (c.ok) {
    for (const [a, e] of c.value.state) console.log(a, JSON.stringify(e));
    console.log(
      c.value.origins.get('application:Example/Client1')?.('/metadata/scope'),
      c.value.origins.get('group:Example/Group2')?.('/members/0'),
    );
  }
});
