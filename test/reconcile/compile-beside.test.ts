import { execFile } from 'node:child_process';
import { execPath } from 'node:process';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import type { Address } from '../../src/model/address.ts';
import type { Checked } from '../../src/model/diagnostic.ts';
import { digestState } from '../../src/model/digest.ts';
import type { Entity } from '../../src/model/entity.ts';
import { storedOrigin } from '../../src/model/origin.ts';
import { entitiesOf, type State } from '../../src/model/state.ts';
import { createCompileBeside } from '../../src/reconcile/compile-beside.ts';
import type { CompileThread } from '../../src/reconcile/compile-thread.ts';
import type { Declared } from '../../src/reconcile/load.ts';
import { compile } from '../../src/spec/compile.ts';
import type { SourceFile } from '../../src/spec/source.ts';

const run = promisify(execFile);
const OPTIONS = { secretsDir: false, incomplete: false };

/** A spec of as many applications, each with a place of its own for its secret. */
function files(applications: number): SourceFile[] {
  const server = 'server: { issuer: http://localhost:8080/uas }\nmethods:\n  cc: { type: client_credentials }\n';
  const lines = Array.from(
    { length: applications },
    (_, number) => `  App${number}: { methods: [cc], secret: { env: SECRET_${number} }, allowed_to: [G] }\n`,
  );
  const site = `site: Example\nmethods: [cc]\ngroups: { G: { methods: [cc] } }\napplications:\n${lines.join('')}`;
  return [
    { path: 'server.yaml', text: server },
    { path: 'site.yaml', text: site },
  ];
}

/** That what was compiled beside says the same as what is compiled here. */
function expectSame(beside: Checked<Declared>, spec: readonly SourceFile[]): void {
  const here = compile(spec, OPTIONS);
  expect(beside.diagnostics).toEqual(here.diagnostics);
  expect(beside.ok).toBe(here.ok);
  if (!here.ok || !beside.ok) return;
  expect([...beside.value.state.keys()]).toEqual([...here.value.state.keys()]);
  expect(digestState(beside.value.state)).toBe(digestState(here.value.state));
  expect(placesIn(beside.value)).toBe(placesIn(here.value));
  expect([...beside.value.state.values()].every(Object.isFrozen)).toBe(true);
  expectKept(beside.value.state);
}

/** That its entities of a kind are found once, however often they are asked for. */
function expectKept(state: State): void {
  expect(entitiesOf(state, 'application')).toBe(entitiesOf(state, 'application'));
}

/** As one text: thousands of comparisons would take longer than compiling. */
function placesIn({ state, origins }: Declared): string {
  const places = [...state].map(([address, entity]) => {
    const origin = origins.get(address);
    if (origin === undefined) throw new Error(`${address} has no origin`);
    const secret = entity.kind === 'application' ? origin('/secret/env') : undefined;
    return [address, Object.entries(storedOrigin(entity, origin)).sort(), secret];
  });
  return JSON.stringify(places);
}

function compiledOf(checked: Checked<Declared>): Declared {
  if (!checked.ok) throw new Error('the spec has errors');
  return checked.value;
}

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

function beside(options: Parameters<typeof createCompileBeside>[0] = {}) {
  const made = createCompileBeside(options);
  open.push(made);
  return made;
}

describe('compiling beside serving', () => {
  it.each([3, 600])('gives the State, places and diagnostics of compile (%i applications)', async (applications) => {
    const spec = files(applications);
    expectSame(await beside().compile(spec, OPTIONS), spec);
  });

  it('gives the same after every change, though the thread holds what has not changed', {
    timeout: 60_000,
  }, async () => {
    const { compile: compileBeside } = beside();
    const base = files(500);
    const users = (text: string): SourceFile => ({ path: 'users.yaml', text: `site: Example\nusers: ${text}\n` });
    const overlaid: SourceFile = { ...users('{ U: { enabled: false } }'), path: 'overlays/p/users.yaml', overlay: 0 };
    const steps: SourceFile[][] = [
      base,
      [...base, users('{ U: { methods: [cc] } }')],
      [...base, users('{ U: { metods: [cc] } }')],
      [...base, users('{ U: { methods: [cc] } }')],
      [...base, users('{ U: { methods: [cc] } }'), overlaid],
      [...base, users('{ V: { methods: [cc] } }')],
      files(501),
      base,
    ];
    for (const spec of steps) expectSame(await compileBeside(spec, OPTIONS), spec);
  });

  it('takes the entities that are the same from what is served, and the State where all are', async () => {
    const { compile: compileBeside } = beside();
    const spec = files(600);
    const served = compiledOf(await beside().compile(spec, OPTIONS));
    const same = compiledOf(await compileBeside(spec, OPTIONS, { served }));
    expect(same.state).toBe(served.state);
    expect([...same.origins].every(([address, origin]) => served.origins.get(address) === origin)).toBe(true);
    const others = files(600).map(({ path, text }) => ({ path, text: text.replace('SECRET_7 ', 'OTHER ') }));
    const { state: changed, origins } = compiledOf(await beside().compile(others, OPTIONS, { served }));
    const isOther = ([address, entity]: readonly [Address, Entity]) => served.state.get(address) !== entity;
    expect([...changed].filter(isOther).map(([at]) => at)).toEqual(['application:Example/App7']);
    // What is written below it stands elsewhere, as the name is another.
    const moved = [...origins].filter(([address, origin]) => served.origins.get(address) !== origin);
    expect(moved.map(([at]) => at)).toContain('application:Example/App7');
    expect(moved.length).toBeLessThan(origins.size);
    expect(digestState(changed)).toBe(digestState(compiledOf(compile(others, OPTIONS)).state));
  });

  it('gives the same State, with other places, after an edit that only moves what is written', async () => {
    const { compile: compileBeside } = beside();
    const [server, one] = files(30);
    if (server === undefined || one === undefined) throw new Error('no files');
    const sites = Array.from({ length: 40 }, (_, number) => ({
      path: `sites/${number}.yaml`,
      text: one.text.replace('site: Example', `site: Site${number}`).replaceAll('App', `S${number}App`),
    }));
    const { state } = compiledOf(await compileBeside([server, ...sites], OPTIONS));
    const moved = [server, ...sites.slice(0, -1), { path: 'sites/39.yaml', text: `# as it was\n${sites[39]?.text}` }];
    const after = await compileBeside(moved, OPTIONS);
    expect(compiledOf(after).state).toBe(state);
    expectSame(after, moved);
  });

  it('does not hold up the event loop', async () => {
    const spec = files(4000);
    const began = performance.now();
    let longest = 0;
    let last = began;
    const timer = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 2);
    await beside().compile(spec, OPTIONS);
    clearInterval(timer);
    const whole = performance.now() - began;
    // On one thread the longest pause would be nearly the whole.
    expect(longest).toBeLessThan(whole / 3);
  });

  it('ends at a signal, and compiles again afterwards', async () => {
    const { compile: compileBeside } = beside();
    const stop = new AbortController();
    const compiling = compileBeside(files(10_000), OPTIONS, { signal: stop.signal });
    setImmediate(() => stop.abort());
    await expect(compiling).rejects.toMatchObject({ name: 'AbortError' });
    const spec = files(500);
    expectSame(await compileBeside(spec, OPTIONS), spec);
  });

  it('keeps no process alive that has nothing else to do', async () => {
    const built = new URL('../../dist/reconcile/compile-beside.js', import.meta.url);
    const process = new URL('compile-once.mjs', import.meta.url);
    const { stdout } = await run(execPath, [process.pathname, built.href, '4000'], { timeout: 30_000 });
    expect(stdout).toBe('server.missing\n');
  });
});

/** Threads whose answers the test gives. */
function threads() {
  const started: Fake[] = [];
  const start = (): CompileThread => {
    const fake = new Fake();
    started.push(fake);
    return fake;
  };
  return { started, start };
}

const ANSWER: Checked<Declared> = { ok: false, diagnostics: [] };

class Fake implements CompileThread {
  hasEnded = false;
  readonly ended: Promise<void>;
  readonly asked: { answer(): void; die(): void }[] = [];
  #end: () => void = () => undefined;

  constructor() {
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  compile(): Promise<Checked<Declared>> {
    return new Promise((resolve, reject) => {
      const die = () => {
        this.hasEnded = true;
        this.#end();
        reject(new Error('out of memory'));
      };
      this.asked.push({ answer: () => resolve(ANSWER), die });
    });
  }

  async end(): Promise<void> {
    for (const one of this.asked) one.die();
    this.hasEnded = true;
    this.#end();
  }
}

/** Lets what waits for settled promises go on. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('the thread', () => {
  const spec = files(500);

  it('is one for all compiles, which it does one after the other', async () => {
    const { started, start } = threads();
    const { compile: compileBeside } = beside({ start });
    const both = [compileBeside(spec, OPTIONS), compileBeside(spec, OPTIONS)];
    await turn();
    expect(started.map(({ asked }) => asked.length)).toEqual([1]);
    started[0]?.asked[0]?.answer();
    await both[0];
    await turn();
    expect(started.map(({ asked }) => asked.length)).toEqual([2]);
    started[0]?.asked[1]?.answer();
    expect(await both[1]).toBe(ANSWER);
  });

  it('ends when it has had nothing to do for a time, and a new one begins', async () => {
    const { started, start } = threads();
    const { compile: compileBeside } = beside({ start, idleMs: 5 });
    for (const position of [0, 1]) {
      const compiling = compileBeside(spec, OPTIONS);
      await turn();
      started[position]?.asked[0]?.answer();
      await compiling;
      await started[position]?.ended;
    }
    expect(started).toHaveLength(2);
  });

  it('that dies with documents of earlier compiles is replaced, and nothing is lost', async () => {
    const { started, start } = threads();
    const { compile: compileBeside } = beside({ start });
    const first = compileBeside(spec, OPTIONS);
    await turn();
    started[0]?.asked[0]?.answer();
    await first;
    const second = compileBeside(spec, OPTIONS);
    await turn();
    started[0]?.asked[1]?.die();
    await turn();
    started[1]?.asked[0]?.answer();
    expect(await second).toBe(ANSWER);
  });

  it('that dies at its first compile is told, and the next compile has a new one', async () => {
    const { started, start } = threads();
    const { compile: compileBeside } = beside({ start });
    const first = compileBeside(spec, OPTIONS);
    await turn();
    started[0]?.asked[0]?.die();
    await expect(first).rejects.toThrow('out of memory');
    const second = compileBeside(spec, OPTIONS);
    await turn();
    started[1]?.asked[0]?.answer();
    expect(await second).toBe(ANSWER);
  });

  it('is ended by the signal and not replaced; close ends one that is idle', async () => {
    const { started, start } = threads();
    const { compile: compileBeside, close } = beside({ start });
    const stop = new AbortController();
    const first = compileBeside(spec, OPTIONS);
    await turn();
    started[0]?.asked[0]?.answer();
    await first;
    const second = compileBeside(spec, OPTIONS, { signal: stop.signal });
    await turn();
    stop.abort();
    await expect(second).rejects.toMatchObject({ name: 'AbortError' });
    await expect(compileBeside(spec, OPTIONS, { signal: stop.signal })).rejects.toMatchObject({ name: 'AbortError' });
    expect(started).toHaveLength(1);

    const third = compileBeside(spec, OPTIONS);
    await turn();
    started[1]?.asked[0]?.answer();
    await third;
    await close();
    expect(started.map(({ hasEnded }) => hasEnded)).toEqual([true, true]);
  });
});
