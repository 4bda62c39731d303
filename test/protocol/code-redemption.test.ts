// What a code gives, to whom, and once (RFC 6749 4.1.2, 4.1.3, 10.5, OAuth 2.1 7.5.3).

import { describe, expect, it } from 'vitest';
import { expectJsonError } from './answers.ts';
import {
  type Body,
  Browser,
  codeRequest,
  introspect,
  json,
  newProof,
  obtainCode,
  obtainTokens,
  post,
  refresh,
  tokenRequest,
  userinfo,
} from './browser.ts';
import { SECRET } from './spec.ts';
import { errorsOf, load, serve, serveForAll, type World } from './world.ts';

const world = await serveForAll(({ site }) => {
  const { web } = site.applications;
  const uris = (name: string) => ({ redirect_uris: [`https://${name}.example/callback`] });
  site.applications.opaque = { ...web, tokens: { format: 'opaque' }, metadata: { ...web.metadata, ...uris('opaque') } };
});

async function redeemed(client: string, form: Record<string, string>, at = world): Promise<Body> {
  const response = await tokenRequest(at, client, form);
  const body = await json(response);
  expect([response.status, body.error_description]).toEqual([200, undefined]);
  return body;
}

async function expectAlive(at: World, client: string, tokens: Body): Promise<void> {
  expect((await introspect(at, tokens.access_token, client)).active).toBe(true);
  expect((await introspect(at, tokens.refresh_token, client)).active).toBe(true);
  expect((await userinfo(at, tokens.access_token)).status).toBe(200);
}

async function expectDead(at: World, client: string, tokens: Body): Promise<void> {
  expect(await introspect(at, tokens.access_token, client)).toEqual({ active: false });
  expect(await introspect(at, tokens.refresh_token, client)).toEqual({ active: false });
  expect((await userinfo(at, tokens.access_token)).status).toBe(401);
  await expectJsonError(await refresh(at, client, tokens.refresh_token), 400, 'invalid_grant');
}

describe('how long a code lives', () => {
  it.each(['601s', '11m', '1h', '1d'])('P:O-042 the configuration refuses %s', async (code_ttl) => {
    const at = (place: string) =>
      load(({ server, site }) => {
        (place === 'server' ? server.server : site.applications.web).tokens = { code_ttl };
      });
    expect(errorsOf(await at('server'))).toEqual(['tokens.code-ttl']);
    expect(errorsOf(await at('application'))).toEqual(['tokens.code-ttl']);
  });

  it('P:O-042 a code counts until its lifetime is over, and gives nothing after', async () => {
    const own = await serve(({ server, site }) => {
      server.server.tokens = { code_ttl: '10m' };
      site.applications.other.tokens = { code_ttl: '10s' };
    });
    const early = await obtainCode(own, 'other');
    own.advance(8);
    await redeemed('other', early.form, own);
    const late = await obtainCode(own, 'other');
    own.advance(11);
    await expectJsonError(await tokenRequest(own, 'other', late.form), 400, 'invalid_grant');
    const longer = await obtainCode(own, 'web');
    own.advance(590);
    await redeemed('web', longer.form, own);
  });
});

describe('a code that was redeemed', () => {
  it('P:O-043 is refused', async () => {
    for (const client of ['web', 'spa']) {
      const { form } = await obtainCode(world, client);
      await redeemed(client, form);
      const again = await expectJsonError(await tokenRequest(world, client, form), 400, 'invalid_grant');
      expect(JSON.stringify(again)).not.toContain('access_token');
    }
  });

  it.each(['web', 'opaque'])(
    'P:O-044 ends all that came from it, where it is presented again by its client: %s',
    async (client) => {
      const { form } = await obtainCode(world, client);
      const first = await redeemed(client, form);
      const bystander = await obtainTokens(world, client);
      await expectAlive(world, client, first);
      const second = await json(refresh(world, client, first.refresh_token));
      await expectJsonError(await tokenRequest(world, client, form), 400, 'invalid_grant');
      await expectDead(world, client, second);
      await expectDead(world, client, first);
      await expectAlive(world, client, bystander);
    },
  );

  it('P:O-044 ends it also when the lifetime of the code is long over', async () => {
    const own = await serve();
    const { form } = await obtainCode(own);
    const tokens = await redeemed('web', form, own);
    own.advance(20 * 60);
    await expectAlive(own, 'web', tokens);
    await expectJsonError(await tokenRequest(own, 'web', form), 400, 'invalid_grant');
    await expectDead(own, 'web', tokens);
  });

  it('P:O-045 harms nobody in the hands of who lacks secret or verifier', async () => {
    const { form } = await obtainCode(world);
    const tokens = await redeemed('web', form);
    const { code_verifier: _, ...without } = form;
    const wrong = await post(world, '/token', form, { as: 'web', secret: `${SECRET}x` });
    await expectJsonError(wrong, 401, 'invalid_client');
    await expectJsonError(await post(world, '/token', { ...form, client_id: 'web' }), 401, 'invalid_client');
    for (const stolen of [
      { ...form, code_verifier: newProof().verifier },
      without,
      { ...form, redirect_uri: 'https://evil.example/' },
    ]) {
      await expectJsonError(await tokenRequest(world, 'web', stolen), 400, 'invalid_grant');
    }
    await expectJsonError(await tokenRequest(world, 'other', form), 400, 'invalid_grant');
    await expectJsonError(await tokenRequest(world, 'spa', form), 400, 'invalid_grant');
    await expectAlive(world, 'web', tokens);
    const { form: publics } = await obtainCode(world, 'spa');
    const spa = await redeemed('spa', publics);
    const guessed = { ...publics, code_verifier: newProof().verifier };
    await expectJsonError(await tokenRequest(world, 'spa', guessed), 400, 'invalid_grant');
    expect((await userinfo(world, spa.access_token)).status).toBe(200);
    expect((await refresh(world, 'spa', spa.refresh_token)).status).toBe(200);
  });

  it('of two requests at once that present it one is answered, on two listeners of one store', async () => {
    const other = await world.second();
    for (let round = 0; round < 5; round += 1) {
      const { form } = await obtainCode(world);
      const answers = await Promise.all([world, other, world, other].map((at) => tokenRequest(at, 'web', form)));
      const statuses = answers.map(({ status }) => status).sort();
      expect(statuses).toEqual([200, 400, 400, 400]);
      for (const answer of answers) {
        if (answer.status === 400) await expectJsonError(answer, 400, 'invalid_grant');
      }
    }
  });
});

describe('the redirect_uri of the request', () => {
  it('P:O-047 has to be said again', async () => {
    const { form } = await obtainCode(world);
    const { redirect_uri: _, ...without } = form;
    await expectJsonError(await tokenRequest(world, 'web', without), 400, 'invalid_grant');
    await expectJsonError(await tokenRequest(world, 'web', { ...form, redirect_uri: '' }), 400, 'invalid_grant');
    await redeemed('web', form);
  });

  it('need not be said where none was asked for, and is that of the client where it is said', async () => {
    const plain = { scope: 'notes', redirect_uri: undefined };
    const { form } = await obtainCode(world, 'web', plain);
    const foreign = { ...form, redirect_uri: 'https://evil.example/' };
    await expectJsonError(await tokenRequest(world, 'web', foreign), 400, 'invalid_grant');
    await redeemed('web', { ...form, redirect_uri: 'https://web.example/callback' });
    await redeemed('web', (await obtainCode(world, 'web', plain)).form);
  });

  it('P:O-048 has to be the same, also where another one is registered', async () => {
    const { form } = await obtainCode(world, 'other');
    for (const redirect_uri of [
      'https://other.example/second',
      'https://other.example/callback/',
      'https://other.example/callback?',
      'https://OTHER.example/callback',
      'https://evil.example/',
    ]) {
      await expectJsonError(await tokenRequest(world, 'other', { ...form, redirect_uri }), 400, 'invalid_grant');
    }
    await redeemed('other', form);
  });
});

describe('the code of another client', () => {
  it('P:O-049 gives nothing, and stays good for its own', async () => {
    const { form } = await obtainCode(world);
    for (const redirect_uri of [form.redirect_uri ?? '', 'https://other.example/callback']) {
      await expectJsonError(await tokenRequest(world, 'other', { ...form, redirect_uri }), 400, 'invalid_grant');
    }
    await redeemed('web', form);
  });

  it('P:O-050 gives nothing to who says to be another public client', async () => {
    const { form } = await obtainCode(world, 'spa');
    const asNative = await post(world, '/token', { ...form, client_id: 'native' });
    await expectJsonError(asNative, 400, 'invalid_grant');
    await expectJsonError(await tokenRequest(world, 'web', form), 400, 'invalid_grant');
    await redeemed('spa', form);
  });
});

describe('what is no code', () => {
  it('P:O-051 none at all is invalid_request', async () => {
    const { code: _, ...without } = (await obtainCode(world)).form;
    await expectJsonError(await tokenRequest(world, 'web', without), 400, 'invalid_request');
    await expectJsonError(await tokenRequest(world, 'web', { ...without, code: '' }), 400, 'invalid_request');
  });

  it('P:O-052 a broken one is invalid_grant, one beyond all measure 413', async () => {
    const { form } = await obtainCode(world);
    const { code = '' } = form;
    const broken = [
      ...[code.slice(0, -1), code.slice(1), `${code}A`, `${code} `, `${code}\n`, `${code}=`, code.toUpperCase()],
      ...[newProof().verifier, 'x', '%00', '\0', "' OR 1=1 --", '../../etc/passwd', '💥', 'x'.repeat(60_000)],
    ];
    for (const one of broken) {
      await expectJsonError(await tokenRequest(world, 'web', { ...form, code: one }), 400, 'invalid_grant');
    }
    const oversize = await tokenRequest(world, 'web', { ...form, code: 'x'.repeat(100_000) });
    await expectJsonError(oversize, 413, 'invalid_request');
    await redeemed('web', form);
  });

  it('a code of a session that was logged out gives nothing', async () => {
    const browser = new Browser(world);
    const { form } = await obtainCode(world, 'web', {}, browser);
    const logout = await browser.go('/logout');
    await browser.press(logout, 'allow');
    expect((await browser.authorize(codeRequest('web').parameters)).form?.id).toBe('login');
    await expectJsonError(await tokenRequest(world, 'web', form), 400, 'invalid_grant');
  });
});
