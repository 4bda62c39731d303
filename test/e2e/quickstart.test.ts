// The main job on the shipped example: the literal request of S:U-03 and the answers of SEMANTICS Ex-3 and Ex-4.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  copyExample,
  demoEnvironment,
  eventually,
  introspect,
  payload,
  post,
  type Server,
  serve,
  token,
  userinfo,
  type Workspace,
} from './charter.ts';

const METHOD = 'client.credentials.1';
const secrets = demoEnvironment('quickstart');
let workspace: Workspace;
let server: Server;

beforeAll(async () => {
  workspace = await copyExample('quickstart');
  server = await serve(workspace, { env: secrets });
});

afterAll(async () => {
  await server.stop();
  workspace.remove();
});

const literal = 'grant_type=client_credentials&scope=oidc&client_id=Client1&client_secret=secret';

describe('examples/quickstart, served', () => {
  it('S:U-03 the literal request answers a token', async () => {
    const reply = await post(workspace, '/oauth2/token', literal);
    expect(reply.status).toBe(200);
    expect(reply.body).toMatchObject({ token_type: 'Bearer', expires_in: 3600 });
    expect(payload(reply.body.access_token).aud).toEqual(['Server1', 'Server2', 'Client1']);
    expect(reply.headers.get('cache-control')).toBe('no-store');
    expect(reply.headers.get('pragma')).toBe('no-cache');
  });

  it('S:U-40 userinfo has exactly the keys of Ex-4, in that order, and its values', async () => {
    const { body } = await token(workspace, 'Client1', 'secret', 'Server2');
    const issued = payload(body.access_token);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const info = (await userinfo(workspace, body.access_token)).body;
    expect(Object.keys(info)).toEqual([
      'usn',
      'iss',
      'aud',
      'exp',
      'iat',
      'auth_time',
      'amr',
      'azp',
      'session_index',
      `${METHOD}.grant_type`,
      `${METHOD}.issuer_dn`,
      `${METHOD}.issuer`,
      `${METHOD}.dn`,
      `${METHOD}.ldap`,
    ]);
    expect(info).toEqual({
      usn: 'Client1',
      iss: workspace.issuer,
      aud: ['Server2', 'Client1'],
      exp: issued.exp,
      iat: expect.any(Number),
      auth_time: issued.iat,
      amr: [`${workspace.issuer}/saml2/names/ac/${METHOD}`],
      azp: 'Client1',
      session_index: expect.stringMatching(/^_[0-9a-f]{40}$/),
      [`${METHOD}.grant_type`]: ['client_credentials'],
      [`${METHOD}.issuer_dn`]: ['cn=Client1,ou=Example,cn=Ubilogin,dc=test'],
      [`${METHOD}.issuer`]: ['Client1'],
      [`${METHOD}.dn`]: ['cn=User1,ou=Example,cn=Ubilogin,dc=test'],
      [`${METHOD}.ldap`]: ['ldap:///cn=Ubilogin,dc=test'],
    });
    expect(info.iat).toBeGreaterThan(info.auth_time);
    expect(info.exp - info.auth_time).toBe(3600);
  });

  it('S:U-43 introspection by Server2 has exactly the keys of Ex-3', async () => {
    const { body } = await token(workspace, 'Client1', 'secret', 'Server2');
    const issued = payload(body.access_token);
    const seen = (await introspect(workspace, body.access_token, 'Server2', secrets.SERVER2_SECRET ?? '')).body;
    expect(Object.keys(seen).sort()).toEqual(
      [
        ...['usn', 'iss', 'aud', 'exp', 'iat', 'auth_time', 'amr', 'azp', 'session_index'],
        ...['grant_type', 'issuer_dn', 'issuer', 'dn', 'ldap'].map((claim) => `${METHOD}.${claim}`),
        ...['token_type', 'active', 'client_id', 'expires_in'],
      ].sort(),
    );
    expect(seen).toMatchObject({
      usn: 'Client1',
      aud: ['Server2'],
      azp: 'Server2',
      client_id: 'Client1',
      token_type: 'access_token',
      active: true,
      iat: issued.iat,
      auth_time: issued.iat,
      exp: issued.exp,
    });
    expect(seen.expires_in).toBeGreaterThan(3590);
    expect(seen.session_index).not.toBe(issued.session_index);
  });

  it('S:U-05 Batch1, the single application, gets a token for itself and nothing else', async () => {
    const reply = await token(workspace, 'Batch1', secrets.BATCH1_SECRET ?? '');
    expect(payload(reply.body.access_token).aud).toEqual(['Batch1']);
    const other = await token(workspace, 'Batch1', secrets.BATCH1_SECRET ?? '', 'Server1');
    expect(other.body.error).toBe('invalid_scope');
  });

  it('prints the request to try, never a secret, and each reload with its access change', async () => {
    expect(server.output()).toContain('grant_type=client_credentials');
    expect(server.output()).toContain('client_id=Client1');
    for (const secret of Object.values(secrets).filter((value) => value !== 'secret')) {
      expect(server.output()).not.toContain(secret);
    }
    const mark = server.output().length;
    const restore = workspace.edit(
      'charter.yaml',
      /(Group2: \{ methods: \[client.credentials.1\]), members: \[User1\]/,
      '$1',
    );
    const told = await server.printed(/- Client1 → Server2/, mark);
    expect(told).toMatch(/charter\.yaml:\d+:\d+/);
    await eventually(async () => expect((await token(workspace, 'Client1', 'secret', 'Server2')).status).toBe(400));
    const next = server.output().length;
    restore();
    await server.printed(/\+ Client1 → Server2/, next);
    await eventually(async () => expect((await token(workspace, 'Client1', 'secret', 'Server2')).status).toBe(200));
  });
});
