// Owns the configuration that the tests of the protocol serve: one application of each kind, people with and without everything.
// Tests change a copy of it.

/** The secret of every application that has one, by the variable that holds it. Long enough for a MAC. */
export const SECRET = 'correct-horse-battery-staple-0123456789';
/** The password of every user who has one. */
export const PASSWORD = 'tr0ub4dor-and-three-more-words';

export const ENV = { CLIENT_SECRET: SECRET, USER_PASSWORD: PASSWORD };

const secret = { env: 'CLIENT_SECRET' };
const password = { env: 'USER_PASSWORD' };

// biome-ignore lint/suspicious/noExplicitAny: tests write any key, wrong ones too.
export type Spec = any;

/** A server document and one site, as one object each. */
export interface Documents {
  readonly server: Spec;
  readonly site: Spec;
}

/** `issuer` without a trailing slash. */
export function documents(issuer: string): Documents {
  return {
    server: {
      server: { issuer },
      methods: { 'client.credentials.1': { type: 'client_credentials' }, 'password.1': { type: 'password' } },
      scopes: {
        notes: { descriptions: [{ key: 'en', value: 'Read your notes' }] },
        drafts: { descriptions: [{ key: 'en', value: 'Read your drafts' }] },
      },
    },
    site: {
      site: 'Example',
      methods: ['client.credentials.1', 'password.1'],
      applications: {
        // A web application that keeps a secret.
        web: {
          secret,
          methods: ['password.1'],
          allowed_to: ['everyone'],
          consent: { required: false },
          metadata: {
            client_name: 'Web Shop',
            grant_types: ['authorization_code', 'refresh_token'],
            redirect_uris: ['https://web.example/callback'],
            scope: 'api archive notes drafts profile email address phone offline_access',
          },
        },
        // Another one, that may do the same.
        other: {
          secret,
          methods: ['password.1'],
          allowed_to: ['everyone'],
          consent: { required: false },
          metadata: {
            grant_types: ['authorization_code', 'refresh_token'],
            redirect_uris: ['https://other.example/callback', 'https://other.example/second'],
            scope: 'api notes profile email',
          },
        },
        // An application in a browser, which keeps none.
        spa: {
          methods: ['password.1'],
          allowed_to: ['everyone'],
          consent: { required: false },
          metadata: {
            token_endpoint_auth_method: 'none',
            grant_types: ['authorization_code', 'refresh_token'],
            redirect_uris: ['https://spa.example/callback'],
            scope: 'api notes profile email',
          },
        },
        // An application on the user's own device.
        native: {
          methods: ['password.1'],
          allowed_to: ['everyone'],
          consent: { required: false },
          metadata: {
            application_type: 'native',
            token_endpoint_auth_method: 'none',
            grant_types: ['authorization_code', 'refresh_token'],
            redirect_uris: [
              'http://127.0.0.1/callback',
              'http://[::1]/callback',
              'com.example.app:/callback',
              'https://app.example/callback',
            ],
            scope: 'api notes profile email',
          },
        },
        // It asks people, and remembers the answer.
        asking: {
          secret,
          methods: ['password.1'],
          allowed_to: ['everyone'],
          consent: { required: true, remember: true },
          metadata: {
            client_name: 'Asking',
            grant_types: ['authorization_code', 'refresh_token'],
            redirect_uris: ['https://asking.example/callback'],
            scope: 'api notes drafts profile email offline_access',
          },
        },
        batch: {
          secret,
          methods: ['client.credentials.1'],
          allowed_to: ['Batch'],
          metadata: { grant_types: ['client_credentials'], scope: 'notes' },
        },
        // Server applications: they receive tokens.
        api: { secret, methods: ['password.1', 'client.credentials.1'], allowed_to: ['everyone'] },
        archive: { secret, methods: ['password.1', 'client.credentials.1'], allowed_to: ['Archivists'] },
      },
      groups: {
        Archivists: { members: ['ada'] },
        Batch: { methods: ['client.credentials.1'] },
      },
      users: {
        ada: {
          methods: ['password.1'],
          password,
          sub: 'ada-0001',
          attributes: {
            name: 'Ada Lovelace',
            given_name: 'Ada',
            family_name: 'Lovelace',
            middle_name: 'King',
            nickname: 'Ada',
            preferred_username: 'ada',
            profile: 'https://people.example/ada',
            picture: 'https://people.example/ada.png',
            website: 'https://ada.example',
            gender: 'female',
            birthdate: '1815-12-10',
            zoneinfo: 'Europe/London',
            locale: 'en-GB',
            updated_at: 1700000000,
            email: 'ada@example.com',
            email_verified: true,
            address: {
              formatted: '12 St James Square, London',
              street_address: '12 St James Square',
              locality: 'London',
              region: 'Greater London',
              postal_code: 'SW1Y 4JH',
              country: 'GB',
            },
            phone_number: '+44 20 7946 0000',
            phone_number_verified: false,
          },
        },
        bob: { methods: ['password.1'], password, sub: 'bob-0002', attributes: { email: 'bob@example.com' } },
        carol: { methods: ['password.1'], password, enabled: false },
      },
    },
  };
}

/** With the paths and answers of a replaced system. */
export function withUbisecure({ server }: Documents): void {
  server.server.profiles = ['ubisecure'];
  server.server.directory = { base_dn: 'cn=Ubilogin,dc=test' };
}

/** With the grants that are off until an application lists them. */
export function withLegacyGrants({ site }: Documents): void {
  site.applications.implicit = {
    methods: ['password.1'],
    allowed_to: ['everyone'],
    consent: { required: false },
    metadata: {
      token_endpoint_auth_method: 'none',
      grant_types: ['implicit'],
      response_types: ['token', 'id_token', 'id_token token'],
      redirect_uris: ['https://implicit.example/callback'],
      scope: 'api notes profile email offline_access',
    },
  };
  site.applications.legacy = {
    secret,
    methods: ['password.1'],
    allowed_to: ['everyone'],
    metadata: { grant_types: ['password', 'refresh_token'], scope: 'api notes profile email' },
  };
}
