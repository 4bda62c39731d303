// The configuration as what decides: a broken one changes nothing, a plan changes nothing, a new one is there at once and whole,
// and a grant that is revoked is dead on every server.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Answer, charterHere, workplace, writeFiles } from '../cli/case.ts';
import { noteLoad } from '../protocol-evidence.ts';
import {
  type Body,
  claimsOf,
  introspect,
  json,
  obtainCode,
  obtainTokens,
  post,
  refresh,
  tokenRequest,
  userinfo,
} from './browser.ts';
import { expectTokenError } from './security-checks.ts';
import { type Documents, documents, ENV, SECRET } from './spec.ts';
import { serve } from './world.ts';

/** The store after a first apply, which costs a hash for every secret. */
let applied: Buffer | undefined;

/** A spec and a store, and the command line on them. */
function specDirectory() {
  const root = workplace();
  const write = (file: string, content: string) => writeFiles(join(root, 'config'), [[file, content]]);
  const run = (...argv: string[]): Promise<Answer> => {
    noteLoad();
    return charterHere(argv, root, ENV);
  };
  const declare = (edit: (documents: Documents) => void = () => undefined) => {
    const spec = documents('https://as.example');
    edit(spec);
    write('server.yaml', JSON.stringify(spec.server, undefined, 2));
    write('site.yaml', JSON.stringify(spec.site, undefined, 2));
  };
  const applyFirst = async (): Promise<void> => {
    declare();
    if (applied === undefined) {
      const { code, stderr } = await run('apply', 'config', '--store', 'charter.db');
      expect(code, stderr).toBe(0);
      applied = readFileSync(join(root, 'charter.db'));
    }
    writeFiles(root, [['charter.db', applied]]);
  };
  const generation = async (): Promise<number> => {
    const { stdout } = await run('history', '--store', 'charter.db', '--json');
    return Math.max(0, ...[...stdout.matchAll(/"generation":\s*(\d+)/g)].map(([, number]) => Number(number)));
  };
  return { root, write, run, declare, applyFirst, generation };
}

describe('a spec that means nothing', () => {
  it.each([
    ['invalid YAML', 'extra.yaml', 'site: Other\nusers: { a: [ }\n', 'extra.yaml:2:'],
    [
      'a duplicate client_id',
      'extra.yaml',
      'site: Other\napplications: { other2: { client_id: web } }\n',
      'extra.yaml:2:',
    ],
    ['a dangling group', 'extra.yaml', 'site: Other\napplications: { x: { allowed_to: [Nobody] } }\n', 'extra.yaml:2:'],
    ['a dangling application', 'extra.yaml', 'site: Other\ngroups: { G: { access_to: [nowhere] } }\n', 'extra.yaml:2:'],
    ['a secret of its own', 'extra.yaml', `site: Other\napplications: { x: { secret: ${SECRET} } }\n`, 'extra.yaml:2:'],
    ['an unknown key', 'extra.yaml', 'site: Other\nusers: { a: { enabeld: false } }\n', 'extra.yaml:2:'],
  ])(
    'P:X-008 %s is told with its place, ends in an exit code, and nothing of it is applied',
    async (_name, file, text, place) => {
      const { declare, write, run, applyFirst, generation } = specDirectory();
      await applyFirst();
      // A good change stands beside the bad one: neither is applied.
      declare(({ site }) => {
        site.users.dave = { methods: ['password.1'], password: { env: 'USER_PASSWORD' } };
      });
      write(file, text);
      for (const command of [
        ['validate', 'config'],
        ['apply', 'config', '--store', 'charter.db'],
      ]) {
        const { code, stdout, stderr } = await run(...command);
        expect(code, stdout + stderr).toBe(3);
        expect(stdout + stderr).toContain(place);
        expect(stdout + stderr).toMatch(/error\[[a-z.-]+\]/);
        expect(stdout + stderr).not.toContain(SECRET);
      }
      expect(await generation()).toBe(1);
    },
  );
});

describe('a plan', () => {
  it('P:X-010 prints the change and does nothing, and what was applied once is no change', async () => {
    const { root, declare, run, applyFirst, generation } = specDirectory();
    await applyFirst();
    declare(({ site }) => {
      site.applications.web.metadata.redirect_uris.push('https://web.example/second');
    });
    const before = readFileSync(join(root, 'charter.db'));
    for (let times = 0; times < 2; times += 1) {
      const plan = await run('plan', 'config', '--store', 'charter.db', '--detailed-exitcode');
      expect(plan.code, plan.stderr).toBe(2);
      expect(plan.stdout).toContain('https://web.example/second');
      expect(plan.stdout).toMatch(/^Plan: 0 to add, 1 to change, 0 to delete\./m);
    }
    expect(await generation()).toBe(1);
    expect(readFileSync(join(root, 'charter.db')).equals(before)).toBe(true);

    const done = await run('apply', 'config', '--store', 'charter.db');
    expect(done.code, done.stderr).toBe(0);
    expect(await generation()).toBe(2);
    const again = await run('apply', 'config', '--store', 'charter.db');
    expect(again.code, again.stderr).toBe(0);
    expect(again.stdout).toMatch(/no changes|nothing to/i);
    expect(await generation()).toBe(2);
    const planned = await run('plan', 'config', '--store', 'charter.db', '--detailed-exitcode');
    expect(planned.code, planned.stdout).toBe(0);
  });
});

describe('a new configuration while the server runs', () => {
  it('P:X-009 is there for every request whole or not at all', async () => {
    const own = await serve(({ site }) => {
      site.applications.batch.metadata.scope = 'notes';
    });
    const seen: Body[] = [];
    let isOver = false;
    const asking = Array.from({ length: 4 }, async () => {
      while (!isOver) {
        const response = await tokenRequest(own, 'batch', { grant_type: 'client_credentials' });
        const body = await json(response);
        expect(response.status, JSON.stringify(body)).toBe(200);
        seen.push(claimsOf(body.access_token));
      }
    });
    // Scope and lifetime of each generation belong together.
    const scopes = ['drafts', 'notes drafts'];
    for (const [at, scope] of scopes.entries()) {
      await own.apply(({ site }) => {
        site.applications.batch.metadata.scope = scope;
        site.applications.batch.tokens = { access_ttl: `${10 + at}m` };
      });
      const { length } = seen;
      while (seen.length < length + 8) await new Promise((resolve) => setImmediate(resolve));
    }
    isOver = true;
    await Promise.all(asking);
    const expected = [
      ['notes', 3600],
      ['drafts', 600],
      ['notes drafts', 660],
    ] as const;
    expect(new Set(seen.map(({ gen }) => gen))).toEqual(new Set([1, 2, 3]));
    for (const { gen, scope, iat, exp } of seen) expect([scope, exp - iat]).toEqual(expected[gen - 1]);
  });

  it('P:X-009 leaves codes and tokens of what it does not touch alone, and ends those of a client that it removes', async () => {
    const own = await serve();
    const stays = await obtainCode(own, 'web', { scope: 'openid api' });
    const goes = await obtainCode(own, 'other', { scope: 'openid api' });
    const live = await obtainTokens(own, 'web', { scope: 'openid api' });
    const dying = await obtainTokens(own, 'other', { scope: 'openid api' });
    await own.apply(({ site }) => {
      delete site.applications.other;
    }, 'approved');
    expect((await tokenRequest(own, 'web', stays.form)).status).toBe(200);
    expect((await introspect(own, live.access_token, 'api')).active).toBe(true);
    expect((await refresh(own, 'web', live.refresh_token)).status).toBe(200);
    await expectTokenError(await tokenRequest(own, 'other', goes.form), 'invalid_client', 401);
    expect(await introspect(own, dying.access_token, 'api')).toEqual({ active: false });
    expect((await userinfo(own, dying.access_token)).status).toBe(401);
    // The same client_id again is another client: nothing comes back to life.
    await own.apply(({ site }) => {
      site.applications.other = documents('https://as.example').site.applications.other;
    });
    await expectTokenError(await tokenRequest(own, 'other', goes.form), 'invalid_grant');
    await expectTokenError(await refresh(own, 'other', dying.refresh_token), 'invalid_grant');
    expect(await introspect(own, dying.access_token, 'api')).toEqual({ active: false });
    expect((await userinfo(own, dying.access_token)).status).toBe(401);
  });
});

describe('a grant that is revoked', () => {
  it.each([
    ['the first, which was rotated', 0, 'jwt'],
    ['one in between', 2, 'jwt'],
    ['the newest', 3, 'jwt'],
    ['the newest', 3, 'opaque'],
    ['the first, which was rotated', 0, 'opaque'],
  ])(
    'P:X-007 by %s of its refresh tokens is dead on every server, with all it gave (%#, %s %s)',
    async (_name, which, format) => {
      const here = await serve(({ site }) => {
        site.applications.web.tokens = { format };
      });
      const there = await here.second();
      const first = await obtainTokens(here, 'web', { scope: 'openid api' });
      const given: Body[] = [first];
      for (const at of [there, here, there]) {
        given.push(
          await json(refresh(at, 'web', given.at(-1).refresh_token, given.length === 2 ? { scope: 'openid' } : {})),
        );
      }
      const refreshTokens = given.map(({ refresh_token }) => refresh_token);
      expect(new Set(refreshTokens).size).toBe(4);
      const another = await obtainTokens(there, 'web', { scope: 'openid api' }, first.browser);
      for (const at of [here, there]) {
        for (const { access_token } of given) expect((await userinfo(at, access_token)).status).toBe(200);
      }

      const revoked = await post(there, '/revoke', { token: refreshTokens[which] }, { as: 'web' });
      expect(revoked.status).toBe(200);
      for (const at of [here, there]) {
        for (const { access_token } of given) {
          expect(await introspect(at, access_token, 'api')).toEqual({ active: false });
          expect(await introspect(at, access_token, 'web')).toEqual({ active: false });
          expect((await userinfo(at, access_token)).status).toBe(401);
        }
        for (const token of refreshTokens) {
          expect(await introspect(at, token, 'web')).toEqual({ active: false });
          await expectTokenError(await refresh(at, 'web', token), 'invalid_grant');
        }
        // Another grant of the same user and client lives on.
        expect((await introspect(at, another.access_token, 'api')).active).toBe(true);
      }
    },
  );
});
