import { describe, expect, it } from 'vitest';
import { digestState } from '../../src/model/digest.ts';
import { storedOrigin } from '../../src/model/origin.ts';
import { compileBeside } from '../../src/reconcile/compile-beside.ts';
import { compile } from '../../src/spec/compile.ts';

const OPTIONS = { secretsDir: false, incomplete: false };

/** A spec of as many applications, each with a place of its own for its secret. */
function files(applications: number) {
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

describe('compiling beside serving', () => {
  it.each([3, 2000])('gives the State, places and diagnostics of compile (%i applications)', async (applications) => {
    const spec = files(applications);
    const here = compile(spec, OPTIONS);
    const beside = await compileBeside(spec, OPTIONS);
    if (!here.ok || !beside.ok) throw new Error('the spec is valid');
    expect(digestState(beside.value.state)).toBe(digestState(here.value.state));
    expect(beside.diagnostics).toEqual(here.diagnostics);
    for (const [address, entity] of here.value.state) {
      const [origin, other] = [here.value.origins.get(address), beside.value.origins.get(address)];
      if (origin === undefined || other === undefined) throw new Error(`${address} has no origin`);
      expect(storedOrigin(entity, other)).toEqual(storedOrigin(entity, origin));
      if (entity.kind === 'application') expect(other('/secret/env')).toEqual(origin('/secret/env'));
      expect(Object.isFrozen(beside.value.state.get(address))).toBe(true);
    }
  });

  it('gives the errors of a large spec', async () => {
    const spec = [...files(2000), { path: 'z.yaml', text: 'site: Example\nusers: { U: { metods: [cc] } }\n' }];
    const beside = await compileBeside(spec, OPTIONS);
    expect(beside.ok).toBe(false);
    expect(beside.diagnostics.map(({ code, range }) => [code, range?.file])).toContainEqual(['key.unknown', 'z.yaml']);
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
    await compileBeside(spec, OPTIONS);
    clearInterval(timer);
    const whole = performance.now() - began;
    // On one thread the longest pause would be nearly the whole.
    expect(longest).toBeLessThan(whole / 3);
  });
});
