// Rows about the paths and answers of the replaced systems (SEMANTICS N-07, N-62, A-04, A-05, A-09, A-21) and about the switch that takes
// all endpoints away (N-42).

import { describe, expect, it } from 'vitest';
import { Browser, basicAuth, codeRequest, introspect, json, obtainTokens, type Stop } from '../protocol/browser.ts';
import { SECRET, type Spec } from '../protocol/spec.ts';
import { serve, serveForAll, type World } from '../protocol/world.ts';

/** An issuer below a path: the profiles' paths are not below it. */
const world = await serveForAll(
  ({ server, site }) => {
    server.server.profiles = ['nexus', 'argus'];
    server.roles = { Member: { functions: ['sign-in'] } };
    site.defaults = { applications: { required_role: 'sign-in' } };
    for (const user of Object.values<Spec>(site.users)) user.roles = ['Member'];
  },
  { issuer: 'https://as.example/idp' },
);

const NEXUS = '/https/api/rest/v3.0/oauth';
const ARGUS = '/authentication/v1/oauth';

function post(at: World, path: string, form: Record<string, string>, as?: string): Promise<Response> {
  return at.fetch(`${new URL(at.issuer).origin}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      ...(as === undefined ? {} : { authorization: basicAuth(as, SECRET) }),
    },
    body: new URLSearchParams(form).toString(),
  });
}

/** From the authorization endpoint at a path to the client's address. Neither system's clients know PKCE. */
async function through(at: World, path: string, client = 'web', scope = 'openid notes'): Promise<Stop> {
  const { code_challenge: _c, code_challenge_method: _m, ...parameters } = codeRequest(client, { scope }).parameters;
  const browser = new Browser(at);
  const stop = await browser.go(`${new URL(at.issuer).origin}${path}?${new URLSearchParams(parameters)}`);
  expect(stop.form?.action).toMatch(new RegExp(`^${new URL(at.issuer).origin}/(https|spa)/`));
  return browser.through(stop);
}

function redeem(at: World, path: string, { answer }: Stop, as = 'web'): Promise<Response> {
  const form = {
    grant_type: 'authorization_code',
    code: answer.code ?? '',
    redirect_uri: `https://${as}.example/callback`,
    client_id: as,
    client_secret: SECRET,
  };
  return post(at, path, form);
}

describe('nexus', () => {
  it('S:N-07 authorize, token and revoke answer at the paths of that system too, below the origin', async () => {
    const stop = await through(world, `${NEXUS}/authorize`, 'asking');
    const response = await redeem(world, `${NEXUS}/token`, stop, 'asking');
    expect(response.status).toBe(200);
    const { access_token } = await json(response);
    expect((await post(world, `${NEXUS}/revoke`, { token: access_token }, 'asking')).status).toBe(200);
    expect(await introspect(world, access_token, 'asking')).toEqual({ active: false });
    // The same endpoints as ever: discovery goes on naming their own paths.
    const metadata = await json(world.fetch('/.well-known/openid-configuration'));
    expect(metadata.token_endpoint).toBe('https://as.example/idp/token');
  });

  it('S:N-62 a hint of either spelling is taken, a wrong one too, and an unknown token is no error', async () => {
    for (const token_type_hint of ['Access_Token', 'Refresh_Token', 'access_token', 'refresh_token', 'nonsense']) {
      const { access_token, refresh_token } = await obtainTokens(world, 'web');
      const revoked = await post(world, `${NEXUS}/revoke`, { token: access_token, token_type_hint }, 'web');
      expect([revoked.status, await json(revoked)]).toEqual([200, {}]);
      expect(await introspect(world, access_token)).toEqual({ active: false });
      expect(await introspect(world, refresh_token)).toMatchObject({ active: true });
    }
    const unknown = await post(world, `${NEXUS}/revoke`, { token: 'nobody knows it' }, 'web');
    expect([unknown.status, await json(unknown)]).toEqual([200, {}]);
    const missing = await post(world, `${NEXUS}/revoke`, {}, 'web');
    expect([missing.status, (await json(missing)).error]).toEqual([400, 'invalid_request']);
    expect((await post(world, `${NEXUS}/revoke`, { token: 'x' })).status).toBe(401);
  });
});

describe('argus', () => {
  it('S:A-05 the code comes back, and a form with id and secret gives a session on behalf of the user', async () => {
    const stop = await through(world, '/spa/oauth/authorize');
    expect(stop.location?.href).toMatch(/^https:\/\/web\.example\/callback\?code=/);
    const response = await redeem(world, `${ARGUS}/token`, stop);
    expect(response.status).toBe(200);
    const body = await json(response);
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 3600, id_token: expect.any(String) });
    const told = await world.fetch(`https://as.example${ARGUS}/userinfo`, {
      headers: { authorization: `Bearer ${body.access_token}` },
    });
    expect(await json(told)).toMatchObject({ sub: 'ada-0001' });
  });

  it('S:A-09 what is not given stands in the answer as null', async () => {
    const form = { grant_type: 'client_credentials', client_id: 'batch', client_secret: SECRET };
    const body = await json(post(world, `${ARGUS}/token`, form));
    expect(body).toMatchObject({ id_token: null, refresh_token: null, token_type: 'Bearer' });
    // On its own paths alone.
    expect(await json(post(world, '/idp/token', form))).not.toHaveProperty('id_token');
  });

  it('S:A-21 introspection tells the client of its own tokens, with the name of the user', async () => {
    const { access_token } = await obtainTokens(world, 'web', { scope: 'openid profile' });
    const told = await json(post(world, `${ARGUS}/introspect`, { token: access_token }, 'web'));
    expect(told).toMatchObject({ active: true, token_type: 'Bearer', exp: expect.any(Number), username: 'ada' });
    expect(told.scope.split(' ')).toEqual(expect.arrayContaining(['openid', 'profile']));
    expect(await json(post(world, `${ARGUS}/introspect`, { token: access_token }, 'other'))).toEqual({ active: false });
  });
});

it('the paths of a profile that is not on are not there', async () => {
  const own = await serve();
  for (const path of [`${NEXUS}/token`, `${NEXUS}/authorize`, `${ARGUS}/token`, '/spa/oauth/authorize']) {
    expect([path, (await post(own, path, {})).status]).toEqual([path, 404]);
  }
});

it('an issuer that stands where a profile has its paths keeps its own', async () => {
  const own = await serve(
    ({ server }) => {
      server.server.profiles = ['nexus'];
    },
    { issuer: `https://as.example${NEXUS}` },
  );
  expect((await obtainTokens(own)).token_type).toBe('Bearer');
});

describe('S:N-42, vector V22 the switch of the whole server', () => {
  it('S:N-42 off, no endpoint is there and no token counts; on again, all that was kept counts as before', async () => {
    const own = await serve();
    const { access_token, refresh_token } = await obtainTokens(own);
    await own.apply(({ server }) => {
      server.server.oauth2 = { enabled: false };
    }, 'approved');
    const paths = ['/authorize', '/token', '/revoke', '/introspect', '/userinfo', '/jwks', '/login', '/logout'];
    for (const path of [...paths, '/.well-known/openid-configuration']) {
      for (const method of ['GET', 'POST']) {
        expect([path, (await own.fetch(path, { method })).status]).toEqual([path, 404]);
      }
    }
    await own.apply(({ server }) => {
      delete server.server.oauth2;
    }, 'approved');
    expect(await introspect(own, access_token)).toMatchObject({ active: true });
    expect(await introspect(own, refresh_token)).toMatchObject({ active: true });
  });
});
