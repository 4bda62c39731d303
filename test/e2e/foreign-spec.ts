// Owns the configuration that foreign clients are served by: one application for each way in which libraries talk to an
// authorization server. `npm run protocol` never reads it: the lines of the standards have a spec of their own.

import { exportJWK, generateKeyPair } from 'jose';
import { createWorkspace, type Server, serve, type Workspace } from './charter.ts';

/** With what clients encode differently (RFC 6749 2.3.1), but for the colon: one that escapes it alone means neither text. */
export const SECRET = 'clients+of/others=keep&this one 100% 0123456789';
export const PASSWORD = 'a-password-of-several-words';

const pair = await generateKeyPair('ES256');
/** Of the application `asserting`. */
export const PRIVATE_KEY: CryptoKey = pair.privateKey;
const published = { keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'one', alg: 'ES256' }] };

const secret = { env: 'CLIENT_SECRET' };
const password = { env: 'USER_PASSWORD' };

/** Where the answers for programs go that are no web applications: nobody is there. */
export const NOBODY = 'https://app.example';

function site(app: string, front: string): object {
  const forPeople = { methods: ['password.1'], allowed_to: ['everyone'], consent: { required: false } };
  const withCode = {
    grant_types: ['authorization_code', 'refresh_token'],
    redirect_uris: [`${app}/callback`],
    post_logout_redirect_uris: [app],
    ...(app === NOBODY ? {} : { backchannel_logout_uri: `${app}/backchannel-logout` }),
    scope: 'api notes profile email offline_access',
  };
  return {
    site: 'Example',
    methods: ['client.credentials.1', 'password.1'],
    applications: {
      // As a library of today has it: Basic and PKCE.
      web: { ...forPeople, secret, metadata: { ...withCode, client_name: 'Web Shop' } },
      // The secret in the body, and no PKCE: openid has its nonce.
      posting: { ...forPeople, secret, metadata: { ...withCode, token_endpoint_auth_method: 'client_secret_post' } },
      // Neither openid nor PKCE.
      plain: { ...forPeople, secret, metadata: { ...withCode, code_challenge_method: 'none' } },
      // No secret.
      public: { ...forPeople, metadata: { ...withCode, token_endpoint_auth_method: 'none' } },
      // Neither a secret nor a code: the ID token comes at once.
      implicit: {
        ...forPeople,
        consent: { required: true, remember: true },
        metadata: {
          ...withCode,
          redirect_uris: [`${front}/callback`],
          post_logout_redirect_uris: [front],
          ...(front === NOBODY ? {} : { backchannel_logout_uri: `${front}/backchannel-logout` }),
          client_name: 'Front Desk',
          // Of a web client implicit takes https alone.
          application_type: 'native',
          token_endpoint_auth_method: 'none',
          grant_types: ['implicit'],
          response_types: ['id_token'],
        },
      },
      // Two that sign an assertion instead of sending a secret.
      asserting: {
        ...forPeople,
        metadata: { ...withCode, token_endpoint_auth_method: 'private_key_jwt', jwks: published },
      },
      vouching: { ...forPeople, secret, metadata: { ...withCode, token_endpoint_auth_method: 'client_secret_jwt' } },
      elliptic: { ...forPeople, secret, metadata: { ...withCode, id_token_signed_response_alg: 'ES256' } },
      batch: {
        secret,
        methods: ['client.credentials.1'],
        allowed_to: ['Batch'],
        metadata: { grant_types: ['client_credentials'], scope: 'notes' },
      },
      // A server that receives tokens.
      api: { secret, methods: ['password.1', 'client.credentials.1'], allowed_to: ['everyone'] },
    },
    groups: { Batch: { methods: ['client.credentials.1'] } },
    users: {
      ada: {
        methods: ['password.1'],
        password,
        sub: 'ada-0001',
        attributes: { name: 'Ada Lovelace', email: 'ada@example.com', email_verified: true },
      },
    },
  };
}

export interface Served {
  readonly issuer: string;
  readonly workspace: Workspace;
  readonly server: Server;
  stop(): Promise<void>;
}

/** A process that serves them. `app`: the origin of the web application that is logged in to; `front`: that of the one without a secret. */
export async function serveForeign(app = NOBODY, front = app, args: readonly string[] = []): Promise<Served> {
  const workspace = await createWorkspace();
  workspace.write('server.yaml', {
    server: { issuer: workspace.issuer, outbound: { allow: ['127.0.0.1'] } },
    methods: { 'client.credentials.1': { type: 'client_credentials' }, 'password.1': { type: 'password' } },
    scopes: { notes: { descriptions: [{ key: 'en', value: 'Read your notes' }] } },
  });
  workspace.write('example.yaml', site(app, front));
  const server = await serve(workspace, { env: { CLIENT_SECRET: SECRET, USER_PASSWORD: PASSWORD }, args });
  return {
    issuer: workspace.issuer,
    workspace,
    server,
    async stop() {
      await server.stop();
      workspace.remove();
    },
  };
}
