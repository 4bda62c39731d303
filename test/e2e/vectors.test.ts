// The acceptance vectors of SEMANTICS 6 that concern client_credentials, over HTTP against the real process.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  charter,
  createWorkspace,
  introspect,
  payload,
  type Server,
  serve,
  settled,
  token,
  userinfo,
  type Workspace,
} from './charter.ts';
import { authorizedAccess, METHOD, SECRETS, type Subject, singleApplication, writeSubject } from './subject.ts';

let workspace: Workspace;
let server: Server;

beforeAll(async () => {
  workspace = await createWorkspace();
  writeSubject(workspace, authorizedAccess());
  server = await serve(workspace, { env: SECRETS });
});

afterAll(async () => {
  await server.stop();
  workspace.remove();
});

/** Writes a spec and waits until the server serves it. */
async function given(subject: Subject): Promise<void> {
  writeSubject(workspace, subject);
  // From one example to the next whole groups go, which has to be approved.
  await settled(server, { approve: true });
}

const client1 = (scope?: string) => token(workspace, 'Client1', 'secret', scope);
const refusal = (reply: { status: number; body: { error: string; error_description: string } }) => ({
  status: reply.status,
  error: reply.body.error,
  reason: reply.body.error_description,
});

describe('single application (Ex-1)', () => {
  it('vector V1: a token for the application itself, without a refresh token', async () => {
    await given(singleApplication());
    const reply = await client1('oidc');
    expect(reply.status).toBe(200);
    expect(Object.keys(reply.body).sort()).toEqual(['access_token', 'expires_in', 'token_type']);
    expect(reply.body).toMatchObject({ token_type: 'Bearer', expires_in: 3600 });
    expect(payload(reply.body.access_token)).toMatchObject({ aud: ['Client1'], sub: 'Client1', client_id: 'Client1' });
  });

  const drops: [string, (subject: Subject) => void, string][] = [
    ['the method on the site', ({ site }) => delete site.methods, 'METHOD_NOT_ON_SITE'],
    [
      'the method on the application',
      ({ site }) => delete site.applications.Client1?.methods,
      'METHOD_NOT_ON_APPLICATION',
    ],
    [
      'the method on the group',
      ({ site }) => delete site.groups.Group1?.methods,
      'NO_AUDIENCE: Client1 METHOD_NOT_ON_GROUP',
    ],
    [
      'the group on the application',
      ({ site }) => delete site.applications.Client1?.allowed_to,
      'NO_AUDIENCE: Client1 NOT_IN_ALLOWED_GROUP',
    ],
  ];
  it.each(drops)('vector V2: without %s it is refused, and healed without a restart', async (_, drop, reason) => {
    const subject = singleApplication();
    drop(subject);
    await given(subject);
    expect(refusal(await client1('oidc'))).toEqual({
      status: 400,
      error: 'unauthorized_client',
      reason: expect.stringContaining(reason),
    });
    await given(singleApplication());
    expect((await client1('oidc')).status).toBe(200);
  });
});

describe('authorized access (Ex-2)', () => {
  beforeEach(() => given(authorizedAccess()));

  it('vector V3: scope=Server2 gives Server2 and the client itself', async () => {
    const reply = await client1('Server2');
    expect(payload(reply.body.access_token).aud).toEqual(['Server2', 'Client1']);
    const info = await userinfo(workspace, reply.body.access_token);
    expect(info.status).toBe(200);
    expect(info.body).toMatchObject({ aud: ['Server2', 'Client1'], azp: 'Client1', usn: 'Client1' });
  });

  it('vector V4: introspection answers from the viewpoint of the caller', async () => {
    const { body } = await client1('Server2');
    const seen = await introspect(workspace, body.access_token, 'Server2', SECRETS.SERVER2_SECRET);
    expect(seen.body).toMatchObject({ active: true, aud: ['Server2'], azp: 'Server2', client_id: 'Client1' });
    const other = await introspect(workspace, body.access_token, 'Server1', SECRETS.SERVER1_SECRET);
    expect(other.status).toBe(200);
    expect(other.body).toEqual({ active: false });
  });

  it('vector V5: a server that the user may not reach is dropped, and the scope says so', async () => {
    const subject = authorizedAccess();
    subject.site.groups.Group2 = { methods: [METHOD] };
    await given(subject);
    const reply = await client1('Server1 Server2');
    expect(reply.body.scope).toBe('Server1');
    expect(payload(reply.body.access_token).aud).toEqual(['Server1', 'Client1']);
  });

  it('vector V6: when no named server survives, the client alone does not satisfy the request', async () => {
    const subject = authorizedAccess();
    subject.site.groups.Group2 = { methods: [METHOD] };
    await given(subject);
    expect(refusal(await client1('Server2'))).toEqual({
      status: 400,
      error: 'invalid_scope',
      reason: 'NO_AUDIENCE: Server2 NOT_IN_ALLOWED_GROUP',
    });
  });

  it('vector V7: without the group of the client, both servers but not the client; userinfo refuses', async () => {
    const subject = authorizedAccess();
    delete subject.site.applications.Client1?.allowed_to;
    delete subject.site.groups.ClientGroup;
    await given(subject);
    const reply = await client1('oidc');
    expect(payload(reply.body.access_token).aud).toEqual(['Server1', 'Server2']);
    const info = await userinfo(workspace, reply.body.access_token);
    expect(info.status).toBe(401);
    expect(info.headers.get('www-authenticate')).toContain('error="invalid_token"');
  });

  it('vector V13, S:U-63: a required attribute that the user lacks drops Server2, and comes back with it', async () => {
    const subject = authorizedAccess();
    const { Server2 } = subject.site.applications;
    if (Server2 !== undefined) Server2.policy = 'Mail';
    subject.site.policies = {
      Mail: { items: [{ name: 'mail', value: 'user:mail' }], required: ['mail'], single_value: ['mail'] },
    };
    await given(subject);
    const narrowed = await client1('Server1 Server2');
    expect(payload(narrowed.body.access_token).aud).toEqual(['Server1', 'Client1']);
    expect(narrowed.body.scope).toBe('Server1');
    expect(refusal(await client1('Server2'))).toEqual({
      status: 400,
      error: 'invalid_scope',
      reason: 'NO_AUDIENCE: Server2 POLICY_NOT_MET',
    });

    subject.site.users.User1 = { ...subject.site.users.User1, attributes: { mail: 'user1@example.org' } };
    await given(subject);
    const { body } = await client1('Server2');
    expect(payload(body.access_token)).toMatchObject({ aud: ['Server2', 'Client1'], mail: 'user1@example.org' });
    const seen = (name: 'Server1' | 'Server2', secret: string) =>
      introspect(workspace, body.access_token, name, secret);
    const told = (await seen('Server2', SECRETS.SERVER2_SECRET)).body;
    expect(told).toMatchObject({ active: true, mail: 'user1@example.org' });
    expect(Object.keys(told).filter((name) => name.startsWith(METHOD))).toEqual([]);

    // what was issued goes with the attribute.
    subject.site.users.User1 = { methods: [METHOD] };
    await given(subject);
    expect((await seen('Server2', SECRETS.SERVER2_SECRET)).body).toEqual({ active: false });
  });

  it('vector V8: a server that the metadata does not list is invalid_scope', async () => {
    const reply = refusal(await client1('Server3'));
    expect(reply).toMatchObject({ status: 400, error: 'invalid_scope' });
    expect(reply.reason).toMatch(/^SCOPE_NOT_ALLOWED/);
  });

  it.each([undefined, []])('vector V9: grant_types %j means none', async (grant_types) => {
    const subject = authorizedAccess();
    const metadata = subject.site.applications.Client1?.metadata ?? {};
    delete metadata.grant_types;
    if (grant_types !== undefined) metadata.grant_types = grant_types;
    await given(subject);
    const reply = refusal(await client1('Server1'));
    expect(reply).toMatchObject({ status: 400, error: 'unauthorized_client' });
    expect(reply.reason).toMatch(/^GRANT_NOT_ALLOWED/);
  });

  it('vector V10: a wrong secret is invalid_client, the same for an unknown and a disabled client', async () => {
    const wrong = await token(workspace, 'Client1', 'wrong', 'Server1');
    expect(wrong.status).toBe(401);
    expect(wrong.body.error).toBe('invalid_client');
    expect((await token(workspace, 'Nobody', 'wrong')).body).toEqual(wrong.body);
    const subject = authorizedAccess();
    (subject.site.applications.Client1 ?? {}).enabled = false;
    await given(subject);
    const disabled = await token(workspace, 'Client1', 'secret', 'Server1');
    expect(disabled.status).toBe(401);
    expect(disabled.body).toEqual(wrong.body);
  });

  it('vector V11: without the impersonation the next request fails and the old token is inactive at the server', async () => {
    const { body } = await client1('Server1');
    const active = () => introspect(workspace, body.access_token, 'Server1', SECRETS.SERVER1_SECRET);
    expect((await active()).body.active).toBe(true);
    const subject = authorizedAccess();
    delete subject.site.applications.Client1?.impersonates;
    await given(subject);
    const reply = refusal(await client1('Server1'));
    expect(reply).toMatchObject({ status: 400, error: 'invalid_scope' });
    expect(reply.reason).toMatch(/^NO_IMPERSONATION/);
    expect((await active()).body).toEqual({ active: false });
    await given(authorizedAccess());
    // A removed link only suspends (DESIGN 5): the same token works again.
    expect((await active()).body.active).toBe(true);
  });

  it('vector V12: a second impersonated user cannot be written', async () => {
    const subject = authorizedAccess();
    subject.site.users.User2 = { methods: [METHOD] };
    (subject.site.applications.Client1 ?? {}).impersonates = ['User1', 'User2'];
    writeSubject(workspace, subject);
    const validated = await charter(['validate', workspace.spec]);
    expect(validated.code).toBe(3);
    expect(validated.stderr).toMatch(/example\.yaml:\d+:\d+/);
  });

  it('vector V14: a client_id that equals a user name is a lint error', async () => {
    const subject = authorizedAccess();
    (subject.site.applications.Client1 ?? {}).client_id = 'User1';
    writeSubject(workspace, subject);
    const validated = await charter(['validate', workspace.spec]);
    expect(validated.code).toBe(3);
    expect(validated.stderr).toContain('client-id-collides-with-user');
  });
});

describe('each single link of Ex-2, taken away and put back without a restart', () => {
  type Cut = [link: string, cut: (subject: Subject) => void, scope: string, error: string, reason: string];
  const application = (subject: Subject, name: string) => subject.site.applications[name] ?? {};
  const cuts: Cut[] = [
    [
      'grant type of the client',
      (s) => ((application(s, 'Client1').metadata ?? {}).grant_types = []),
      'Server1',
      'unauthorized_client',
      'GRANT_NOT_ALLOWED',
    ],
    [
      'method enabled',
      (s) => (s.methods[METHOD] = { type: 'client_credentials', enabled: false }),
      'Server1',
      'unauthorized_client',
      'METHOD_DISABLED',
    ],
    ['method on the site', (s) => delete s.site.methods, 'Server1', 'unauthorized_client', 'METHOD_NOT_ON_SITE'],
    [
      'method on the client',
      (s) => delete application(s, 'Client1').methods,
      'Server1',
      'unauthorized_client',
      'METHOD_NOT_ON_APPLICATION',
    ],
    [
      'server in the metadata',
      (s) => ((application(s, 'Client1').metadata ?? {}).scope = 'Server2'),
      'Server1',
      'invalid_scope',
      'SCOPE_NOT_ALLOWED',
    ],
    [
      'impersonation',
      (s) => delete application(s, 'Client1').impersonates,
      'Server1',
      'invalid_scope',
      'NO_IMPERSONATION',
    ],
    [
      'user enabled',
      (s) => (s.site.users.User1 = { methods: [METHOD], enabled: false }),
      'Server1',
      'unauthorized_client',
      'USER_NOT_ACTIVE',
    ],
    [
      'user in date',
      (s) => (s.site.users.User1 = { methods: [METHOD], expires: '2020-01-01' }),
      'Server1',
      'unauthorized_client',
      'USER_NOT_ACTIVE',
    ],
    [
      'user begun',
      (s) => (s.site.users.User1 = { methods: [METHOD], not_before: '2999-01-01' }),
      'Server1',
      'unauthorized_client',
      'USER_NOT_ACTIVE',
    ],
    ['method on the user', (s) => (s.site.users.User1 = {}), 'Server1', 'unauthorized_client', 'METHOD_NOT_ON_USER'],
    [
      'server enabled',
      (s) => (application(s, 'Server1').enabled = false),
      'Server1',
      'invalid_scope',
      'NO_AUDIENCE: Server1 APPLICATION_DISABLED',
    ],
    [
      'method on the server',
      (s) => delete application(s, 'Server1').methods,
      'Server1',
      'invalid_scope',
      'NO_AUDIENCE: Server1 METHOD_NOT_ON_APPLICATION',
    ],
    [
      'group on the server',
      (s) => delete application(s, 'Server1').allowed_to,
      'Server1',
      'invalid_scope',
      'NO_AUDIENCE: Server1 NOT_IN_ALLOWED_GROUP',
    ],
    [
      'user in the group of Server1',
      (s) => (s.site.groups.Group1 = { methods: [METHOD] }),
      'Server1',
      'invalid_scope',
      'NO_AUDIENCE: Server1 NOT_IN_ALLOWED_GROUP',
    ],
    [
      'user in the group of Server2',
      (s) => (s.site.groups.Group2 = { methods: [METHOD] }),
      'Server2',
      'invalid_scope',
      'NO_AUDIENCE: Server2 NOT_IN_ALLOWED_GROUP',
    ],
    [
      'method on the group',
      (s) => {
        s.methods['password.1'] = { type: 'password' };
        s.site.methods = [METHOD, 'password.1'];
        s.site.groups.Group1 = { methods: ['password.1'], members: ['User1'] };
      },
      'Server1',
      'invalid_scope',
      'NO_AUDIENCE: Server1 METHOD_NOT_ON_GROUP',
    ],
    [
      'group on the client',
      (s) => delete application(s, 'Client1').allowed_to,
      'Client1',
      'invalid_scope',
      'NO_AUDIENCE: Client1 NOT_IN_ALLOWED_GROUP',
    ],
  ];

  it.each(cuts)('%s', async (_, cut, scope, error, reason) => {
    await given(authorizedAccess());
    expect((await client1(scope)).status).toBe(200);
    const subject = authorizedAccess();
    cut(subject);
    await given(subject);
    expect(refusal(await client1(scope))).toEqual({ status: 400, error, reason: expect.stringContaining(reason) });
    await given(authorizedAccess());
    expect((await client1(scope)).status).toBe(200);
  });
});
