// Unmodified foreign clients against the real process.

import * as oauth from 'oauth4webapi';
import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyExample, createWorkspace, demoEnvironment, type Server, serve, type Workspace } from './charter.ts';
import { authorizedAccess, SECRETS, writeSubject } from './subject.ts';

describe.each(['ubisecure', 'base'])('the %s family', (family) => {
  let workspace: Workspace;
  let server: Server;

  beforeAll(async () => {
    if (family === 'ubisecure') {
      workspace = await copyExample('quickstart');
      server = await serve(workspace, { env: demoEnvironment('quickstart') });
    } else {
      workspace = await createWorkspace();
      writeSubject(workspace, authorizedAccess());
      workspace.edit('server.yaml', '"ubisecure"', '');
      server = await serve(workspace, { env: SECRETS });
    }
  });

  afterAll(async () => {
    await server.stop();
    workspace.remove();
  });

  it.each([
    ['client_secret_basic', client.ClientSecretBasic],
    ['client_secret_post', client.ClientSecretPost],
  ] as const)('openid-client: discovery, client credentials, introspection, revocation by %s', async (_, method) => {
    const configuration = await client.discovery(new URL(workspace.issuer), 'Client1', undefined, method('secret'), {
      execute: [client.allowInsecureRequests],
    });
    expect(configuration.serverMetadata().issuer).toBe(workspace.issuer);
    const granted = await client.clientCredentialsGrant(configuration, { scope: 'Server1 Server2' });
    expect(granted.token_type).toBe('bearer');
    expect(granted.expires_in).toBe(3600);
    const before = await client.tokenIntrospection(configuration, granted.access_token);
    expect(before.active).toBe(true);
    expect(before.client_id).toBe('Client1');
    await client.tokenRevocation(configuration, granted.access_token);
    expect((await client.tokenIntrospection(configuration, granted.access_token)).active).toBe(false);
  });

  it('openid-client: the RFC 8414 document leads to the same server', async () => {
    const configuration = await client.discovery(new URL(workspace.issuer), 'Client1', 'secret', undefined, {
      algorithm: 'oauth2',
      execute: [client.allowInsecureRequests],
    });
    expect((await client.clientCredentialsGrant(configuration)).access_token).toBeTypeOf('string');
  });

  it('oauth4webapi: a resource server validates the JWT access token (RFC 9068) by the JWKS', async () => {
    const insecure = { [oauth.allowInsecureRequests]: true };
    const issuer = new URL(workspace.issuer);
    const discovered = await oauth.discoveryRequest(issuer, { ...insecure, algorithm: 'oauth2' });
    const as = await oauth.processDiscoveryResponse(issuer, discovered);
    const response = await oauth.clientCredentialsGrantRequest(
      as,
      { client_id: 'Client1' },
      oauth.ClientSecretBasic('secret'),
      new URLSearchParams({ scope: 'Server1' }),
      insecure,
    );
    const granted = await oauth.processClientCredentialsResponse(as, { client_id: 'Client1' }, response);
    const request = new Request('http://server1.test/', {
      headers: { authorization: `Bearer ${granted.access_token}` },
    });
    const claims = await oauth.validateJwtAccessToken(as, request, 'Server1', insecure);
    expect(claims).toMatchObject({ client_id: 'Client1', sub: 'Client1', aud: ['Server1', 'Client1'] });
    await expect(oauth.validateJwtAccessToken(as, request, 'Server2', insecure)).rejects.toThrow();
  });
});
