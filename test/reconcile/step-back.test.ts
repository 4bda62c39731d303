import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { startCompileThread } from '../../src/reconcile/compile-thread.ts';
import { stepBack } from '../../src/reconcile/step-back.ts';

/** Of each thread of this process. */
function nicenesses(): ReadonlyMap<string, number> {
  return new Map(
    readdirSync('/proc/self/task').map((thread) => {
      const fields = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      return [thread, Number(fields[16])];
    }),
  );
}

it.runIf(process.platform === 'linux')(
  'the thread that compiles leaves the cores to the one that serves, which stays as it is',
  async () => {
    const before = nicenesses().get(String(process.pid)) ?? 0;
    stepBack();
    expect(nicenesses().get(String(process.pid))).toBe(before);
    const thread = startCompileThread();
    try {
      await thread.compile([{ path: 'a.yaml', text: 'site: A' }], { secretsDir: false, incomplete: false });
      const others = [...nicenesses()].filter(([, niceness]) => niceness > before);
      expect(others.map(([name]) => name)).toHaveLength(1);
      expect(others.map(([name]) => name)).not.toContain(String(process.pid));
    } finally {
      await thread.end();
    }
  },
);
