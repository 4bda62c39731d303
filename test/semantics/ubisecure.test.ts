// Rows U-01…U-84 of SEMANTICS, as far as no file about their part has them: use cases, the steps of configuration, grants,
// metadata, lifetimes and what is refused before it is applied.

import { describe, expect, it } from 'vitest';
import { claimsOf, json, obtainTokens, post, refresh } from '../protocol/browser.ts';
import type { Spec } from '../protocol/spec.ts';
import { errorsOf, load, serve, serveForAll, type World, warningsOf } from '../protocol/world.ts';
import { withAuthorizedAccess, withSingleApplication } from './authorized-access.ts';

const servers = await serveForAll(withAuthorizedAccess);

function token(world: World, form: Record<string, string> = {}, client = 'Client1'): Promise<Response> {
  return post(world, '/oauth2/token', { grant_type: 'client_credentials', ...form }, { as: client });
}

async function audiences(world: World, scope?: string): Promise<string[]> {
  const body = await json(token(world, scope === undefined ? {} : { scope }));
  return claimsOf(body.access_token).aud;
}

async function refusal(world: World, scope?: string): Promise<string> {
  const response = await token(world, scope === undefined ? {} : { scope });
  expect(response.status).toBe(400);
  const { error, error_description } = await json(response);
  return `${error} ${error_description.split(':')[0]}`;
}

describe('use cases', () => {
  it('S:U-01 an application exchanges its credentials for an access token with type and life, in one request', async () => {
    const response = await token(servers);
    expect(response.status).toBe(200);
    expect(await json(response)).toMatchObject({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 3600,
    });
  });

  it('S:U-04 without an impersonation link a token is for the application alone; with one it is for servers', async () => {
    const single = await serve(withSingleApplication);
    expect(await audiences(single)).toEqual(['Client1']);
    expect(await refusal(single, 'Server1')).toMatch(/^invalid_scope /);
    expect(await audiences(servers)).toEqual(['Server1', 'Server2', 'Client1']);
  });

  it('S:U-06 the audiences are those that are asked for, that the client may name and that its user may reach', async () => {
    const own = await serve(withAuthorizedAccess);
    expect(await audiences(own, 'Server2')).toEqual(['Server2', 'Client1']);
    expect(await refusal(own, 'Server3')).toBe('invalid_scope SCOPE_NOT_ALLOWED');
    // The rights are the user's: those of the client are nobody's.
    await own.apply(({ site }) => {
      site.groups.Group2.members = [];
    }, 'approved');
    expect(await audiences(own)).toEqual(['Server1', 'Client1']);
    expect(await audiences(own, 'Server1 Server2')).toEqual(['Server1', 'Client1']);
  });

  it('S:U-08 a token may open any number of servers', async () => {
    const names = Array.from({ length: 60 }, (_, at) => `Server${at + 1}`);
    const own = await serve((documents) => {
      withAuthorizedAccess(documents);
      const { applications } = documents.site;
      for (const name of names) applications[name] = { ...applications.Server1 };
      applications.Client1.metadata.scope = names.join(' ');
    });
    expect(await audiences(own)).toEqual([...names, 'Client1']);
  });
});

describe('steps of configuration', () => {
  it.each([
    ['group', (site: Spec) => Object.assign(site.applications.Server1, { allowed_to: ['Nowhere'] })],
    ['user', (site: Spec) => Object.assign(site.applications.Client1, { impersonates: 'Nobody' })],
    ['method', (site: Spec) => Object.assign(site.applications.Client1, { methods: ['none.1'] })],
  ])('S:U-20 a %s that does not exist is told with file and place, and nothing is applied', async (_kind, edit) => {
    const diagnostics = await load((documents) => {
      withAuthorizedAccess(documents);
      edit(documents.site);
    });
    expect(errorsOf(diagnostics)).toEqual(['reference.unknown']);
    expect(diagnostics.find(({ code }) => code === 'reference.unknown')?.range).toMatchObject({ file: 'site.yaml' });
    await expect(
      serve((documents) => {
        withAuthorizedAccess(documents);
        edit(documents.site);
      }),
    ).rejects.toThrow('reference.unknown');
  });

  it('S:U-21 without client_credentials in its metadata a client gets no token by it', async () => {
    for (const grant_types of [undefined, []]) {
      const own = await serve((documents) => {
        withAuthorizedAccess(documents);
        documents.site.applications.Client1.metadata = { scope: 'Server1', ...(grant_types && { grant_types }) };
      });
      expect(await refusal(own)).toBe('unauthorized_client GRANT_NOT_ALLOWED');
    }
  });

  it('S:U-24 a method that is not one of the site serves nobody there, neither client nor server', async () => {
    const off = await serve((documents) => {
      withAuthorizedAccess(documents);
      documents.site.methods = [];
    });
    expect(await refusal(off)).toBe('unauthorized_client METHOD_NOT_ON_SITE');
  });
});

describe('grants and metadata', () => {
  it.each([
    'urn:ietf:params:oauth:grant-type:device_code',
    'urn:ietf:params:oauth:grant-type:token-exchange',
    'urn:ietf:params:oauth:grant-type:saml2-bearer',
    'nonsense',
  ])('S:U-47 %s is unsupported_grant_type', async (grant_type) => {
    const response = await token(servers, { grant_type });
    expect([response.status, (await json(response)).error]).toEqual([400, 'unsupported_grant_type']);
  });

  it('S:U-49 loopback redirect URIs take any port, private-use schemes are taken, and other ports are not', async () => {
    const own = await serve();
    const at = (redirect_uri: string) =>
      obtainTokens(own, 'native', { redirect_uri }).then(
        ({ access_token }) => typeof access_token,
        () => 'refused',
      );
    expect(await at('http://127.0.0.1:51004/callback')).toBe('string');
    expect(await at('http://[::1]:7/callback')).toBe('string');
    expect(await at('com.example.app:/callback')).toBe('string');
    expect(await at('https://app.example:444/callback')).toBe('refused');
  });

  it('S:U-49 the fields of the metadata are those that are registered, and no other', async () => {
    const edit = (more: Record<string, unknown>) =>
      load(({ site }) => Object.assign(site.applications.web.metadata, more));
    expect(errorsOf(await edit({ logo_uri: 'https://web.example/logo.png', code_challenge_method: 'S256' }))).toEqual(
      [],
    );
    expect(errorsOf(await edit({ client_secret: 'x' }))).not.toEqual([]);
    expect(errorsOf(await edit({ redirect_urls: ['https://web.example/'] }))).toEqual(['key.unknown']);
  });

  it('S:U-51 refresh tokens end never, or so long after the first token, or so long after the login', async () => {
    const own = await serve(({ site }) => {
      const { web } = site.applications;
      const clone = (name: string, refreshing: Record<string, unknown>) => {
        const redirect_uris = [`https://${name}.example/callback`];
        site.applications[name] = {
          ...web,
          tokens: { refresh: refreshing },
          metadata: { ...web.metadata, redirect_uris },
        };
      };
      clone('never', { type: 'none' });
      clone('fixed', { type: 'fixed', ttl: '2d' });
      clone('dynamic', { type: 'dynamic', ttl: '2d' });
      site.applications.never.tokens.refresh.idle = '400d';
    });
    const { browser, ...never } = await obtainTokens(own, 'never');
    own.advance(86_400 / 4);
    const fixed = await obtainTokens(own, 'fixed', {}, browser);
    const dynamic = await obtainTokens(own, 'dynamic', {}, browser);
    // Two days after the login, less after the first token of each.
    own.advance(1.75 * 86_400 + 60);
    expect((await refresh(own, 'dynamic', dynamic.refresh_token)).status).toBe(400);
    const next = await refresh(own, 'fixed', fixed.refresh_token);
    expect(next.status).toBe(200);
    own.advance(86_400);
    expect((await refresh(own, 'fixed', (await json(next)).refresh_token)).status).toBe(400);
    own.advance(300 * 86_400);
    expect((await refresh(own, 'never', never.refresh_token)).status).toBe(200);
  });
});

describe('what is refused before it is applied', () => {
  it.each(['User1', 'user1', 'someone@example.com', 'Example/User1'])(
    'S:U-80 the client_id %s, by which a user could be meant, is an error',
    async (client_id) => {
      const diagnostics = await load((documents) => {
        withAuthorizedAccess(documents);
        documents.site.users.User1.attributes = { mail: 'someone@example.com' };
        documents.site.applications.Client1.client_id = client_id;
      });
      expect(errorsOf(diagnostics)).toContain('client-id-collides-with-user');
    },
  );

  it('S:U-81 client_credentials beside another grant is an error, which can be waived with a reason', async () => {
    const edit = (more: readonly object[]) =>
      load((documents) => {
        withAuthorizedAccess(documents);
        const { Client1 } = documents.site.applications;
        Client1.metadata.grant_types = ['client_credentials', 'refresh_token'];
        documents.server.server.lint = { allow: more };
      });
    expect(errorsOf(await edit([]))).toContain('cc-mixed-grants');
    const waiver = { code: 'cc-mixed-grants', at: 'Example/Client1', reason: 'until the client has moved' };
    expect(errorsOf(await edit([waiver]))).toEqual([]);
  });

  it('S:U-83 a client that impersonates and names no server is an error', async () => {
    const diagnostics = await load((documents) => {
      withAuthorizedAccess(documents);
      delete documents.site.applications.Client1.metadata.scope;
    });
    expect(errorsOf(diagnostics)).toContain('empty-audience-allowlist');
  });

  it('S:U-84 a server that users could log in to as well is a warning', async () => {
    const diagnostics = await load((documents) => {
      withAuthorizedAccess(documents);
      documents.site.methods.push('password.1');
      documents.site.applications.Server1.methods = ['client.credentials.1', 'password.1'];
    });
    expect([errorsOf(diagnostics), warningsOf(diagnostics)]).toEqual([
      [],
      expect.arrayContaining(['server-app-mixed-methods']),
    ]);
  });
});
