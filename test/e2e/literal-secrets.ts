// Owns the places in which people write a secret into a spec although none may stand there: each as files beside a good
// base, so that nothing else is wrong. Never judges what is said about them.

import { type Canaries, generatedSecret } from './canary.ts';

/** A good spec without a secret of its own: the files of a place are laid over it. */
export function baseSpec(issuer: string): Record<string, string> {
  return {
    'server.yaml': `server:\n  issuer: ${issuer}\nmethods:\n  m1: { type: client_credentials }\n`,
    'base.yaml': 'site: Base\napplications:\n  Base1: { metadata: { client_name: Base } }\n',
  };
}

/** The text of a file with a secret in it; each has a site of its own, so that places stand side by side. */
type Place = (secret: string, site: string) => string;

/** Where a secret of any form is an error, by the name of the place. */
const LITERAL_SECRETS: Readonly<Record<string, Place>> = {
  secret: application((secret) => `secret: ${secret}`),
  'secret-quoted': application((secret) => `secret: "${secret}"`),
  'secret-single-quoted': application((secret) => `secret: '${secret}'`),
  'secret-block': application((secret) => `secret: |\n      ${secret}`),
  'secret-folded': application((secret) => `secret: >-\n      ${secret}\n      and more`),
  'secret-list': application((secret) => `secret: [${secret}]`),
  'secret-in-braces': application((secret) => `secret: {${secret}}`),
  'secret-value': application((secret) => `secret: { value: ${secret} }`),
  'secret-value-and-env': application((secret) => `secret: { env: A_NAME, value: ${secret} }`),
  'secret-plain': application((secret) => `secret:\n      plain: ${secret}`),
  'secret-literal-key': application((secret) => `secret: { ${secret}: true }`),
  'secret-tagged': application((secret) => `secret: !secret ${secret}`),
  'secret-aliased': (secret, site) =>
    `x-kept: &kept ${secret}\nsite: ${site}\napplications:\n  App:\n    secret: *kept\n    enabled: maybe\n`,
  'secret-twice': application((secret) => `secret: ${secret}\n    secret: { env: A_NAME }`),
  'secret-no-space': application((secret) => `secret:${secret}`),
  'secret-equals': application((secret) => `secret=${secret}`),
  'secret-in-template': application((secret) => `secret: { env: "\${${secret}}" }`),
  'secrets-list': application((secret) => `secrets: [${secret}, { env: A_NAME }]`),
  'secrets-lines': application((secret) => `secrets:\n      - { env: A_NAME }\n      - ${secret}`),
  'secrets-value': application((secret) => `secrets:\n      - { value: ${secret}, expires: 2999-01-01 }`),
  'secrets-scalar': application((secret) => `secrets: ${secret}`),
  'env-with-dashes': application((secret) => `secret: { env: ${dashed(secret)} }`),
  'env-quoted': application((secret) => `secret: { env: "${dashed(secret)}" }`),
  'env-list': application((secret) => `secret: { env: [${secret}] }`),
  'file-map': application((secret) => `secret: { file: { value: ${secret} } }`),
  'hash-plain': application((secret) => `secret: { hash: ${secret} }`),
  'hash-bcrypt': application((secret) => `secret: { hash: "$2b$10$${secret}" }`),
  'hash-cut': application((secret) => `secret: { hash: "$argon2id$v=19$m=19456,t=2,p=1$${secret}" }`),
  'hash-short': application(
    (secret) => `secret: { hash: "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$${secret.slice(0, 16)}" }`,
  ),
  'hash-costly': application(
    (secret) => `secret: { hash: "$argon2id$v=19$m=9999999,t=2,p=1$c2FsdHNhbHRzYWx0$${secret}${secret.slice(0, 11)}" }`,
  ),
  'hash-in-flow': application(
    (secret) => `secret: { hash: $argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$${secret} }`,
  ),
  'hash-other-kind': application(
    (secret) => `secret: { hash: "$argon2i$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$${secret}" }`,
  ),
  'hash-sha512crypt': application((secret) => `secret: { hash: "$6$saltsalt$${secret}" }`),
  'hash-ldap': application((secret) => `secret: { hash: "{SSHA}${secret}" }`),
  client_secret: application((secret) => `client_secret: ${secret}`),
  password: application((secret) => `password: ${secret}`),
  'misspelt-key': application((secret) => `secert: ${secret}`),
  'unknown-key': application((secret) => `api_key: ${secret}`),
  'metadata-client_secret': application((secret) => `metadata: { client_secret: ${secret} }`),
  'metadata-client_secret-lines': application((secret) => `metadata:\n      client_secret: ${secret}\n      scope: 5`),
  'metadata-registration_access_token': application((secret) => `metadata: { registration_access_token: ${secret} }`),
  'metadata-jwks-oct': application((secret) => `metadata: { jwks: { keys: [{ kty: oct, k: ${secret} }] } }`),
  'metadata-jwks-private': application(
    (secret) =>
      `metadata:\n      jwks:\n        keys:\n          - kty: EC\n            crv: P-256\n            d: ${secret}`,
  ),
  'redirect-uri-user': application(
    (secret) => `metadata: { redirect_uris: ["https://user:${secret}@host.example/cb"], response_types: [] }`,
  ),
  'redirect-uri-user-native': application(
    (secret) => `metadata: { application_type: native, redirect_uris: ["com.example.app://user:${secret}@cb"] }`,
  ),
  'redirect-uri-user-ends': application(
    (secret) =>
      `metadata:\n      redirect_uris: [{ uri: "https://user:${secret}@host.example/cb", expires: 2999-01-01 }]`,
  ),
  ...Object.fromEntries(
    ['client_uri', 'logo_uri', 'tos_uri', 'policy_uri', 'jwks_uri', 'client_uri#de', 'sector_identifier_uri'].map(
      (key) => [
        `user-of-${key}`,
        application((secret: string) => `metadata: { "${key}": "https://user:${secret}@host.example/x" }`),
      ],
    ),
  ),
  'user-of-uri-in-contacts': application(
    (secret) => `metadata: { contacts: ["https://user:${secret}@host.example/x"], scope: 5 }`,
  ),
  'user-of-uri-in-post_logout': application(
    (secret) => `metadata: { post_logout_redirect_uris: ["https://user:${secret}@host.example/x"] }`,
  ),
  'user-of-uri-as-client_id': application((secret) => `client_id: "https://user:${secret}@host.example/\u00e9"`),
  'users-password': (secret, site) => `site: ${site}\nusers:\n  User1: { password: ${secret} }\n`,
  'users-client_secret': (secret, site) => `site: ${site}\nusers:\n  User1:\n    secret: { value: ${secret} }\n`,
  'site-secret': (secret, site) => `site: ${site}\nsecret: ${secret}\n`,
  'defaults-secret': (secret, site) => `site: ${site}\ndefaults:\n  applications: { secret: ${secret} }\n`,
  'comment-beside-error': application((secret) => `enabled: maybe # secret: ${secret}`),
  'comment-variable': application((secret) => `enabled: maybe # CLIENT_SECRET=${secret}`),
  'comment-user-of-uri': application((secret) => `enabled: maybe # was https://user:${secret}@host.example/`),
  'own-key-beside-error': application((secret) => `metadata: { x-password: ${secret}, scope: 5 }`),
  'syntax-unclosed-quote': application((secret) => `secret: "${secret}`),
  'syntax-unclosed-brace': application((secret) => `secret: { env: [${secret}`),
  'syntax-tab': application((secret) => `secret:\n\t  value: ${secret}`),
  'syntax-colon-twice': application((secret) => `secret: value: ${secret}`),
  'syntax-percent': application((secret) => `secret: %${secret}`),
  'syntax-at': application((secret) => `secret: @${secret}`),
  'syntax-backtick': application((secret) => `secret: \`${secret}\``),
  'syntax-escape': application((secret) => `secret: "\\q${secret}"`),
  'syntax-unknown-alias': application((secret) => `secret: *${secret}`),
  'syntax-anchor': application((secret) => `secret: &${secret}`),
  'json-comma': (secret, site) =>
    `{ "site": "${site}", "applications": { "App": { "secret": "${secret}" "enabled": true } } }\n`,
  'tests-client_secret': (secret) =>
    `tests:\n  - allow: { client: Base1, client_secret: ${secret} }\n  - deny: { client: Base1, secret: "${secret}" }\n`,
  'tests-password': (secret) =>
    `tests:\n  - request: { client: Base1, password: ${secret} }\n    expect: { scope: 5 }\n`,
  'tests-token': (secret) => `tests:\n  - name: x\n    token: ${secret}\n`,
  'server-secret': (secret) => `server:\n  client_secret: ${secret}\n`,
  'server-database-password': (secret) => `server: { store: "postgres://charter:${secret}@db.example/charter" }\n`,
  'methods-secret': (secret) => `methods:\n  m2: { type: client_credentials, secret: ${secret} }\n`,
  'scopes-token': (secret) => `scopes:\n  s1: { token: ${secret} }\n`,
  'approvals-secret': (secret) => `approvals:\n  - { secret: ${secret} }\n`,
};

/** Where a secret is an error that tells by its form that it is one. */
const GENERATED_SECRETS: Readonly<Record<string, Place>> = {
  'generated-env': application((secret) => `secret: { env: ${secret.replaceAll('-', '_')} }`),
  'generated-file': application((secret) => `secret: { file: ${secret} }`),
  'generated-file-below': application((secret) => `secret: { file: secrets/${secret} }`),
  'generated-in-secrets': application((secret) => `secrets: [{ env: A_NAME, x-value: ${secret} }]`),
  'generated-client_name': application((secret) => `metadata: { client_name: "Batch ${secret}" }`),
  'generated-in-query': application((secret) => `metadata: { client_uri: "https://host.example/?key=${secret}" }`),
  'generated-client_id': application((secret) => `client_id: ${secret}`),
  'generated-name': (secret, site) => `site: ${site}\ngroups: { ${secret}: {} }\n`,
  'generated-comment': application((secret) => `enabled: true # ${secret}`),
  'generated-own-key': application((secret) => `x-note: ${secret}`),
  'generated-attribute': (secret, site) => `site: ${site}\nusers:\n  User1: { attributes: { note: ${secret} } }\n`,
  'generated-test': (secret) => `tests:\n  - { name: "with ${secret}", deny: { client: Base1, scope: ${secret} } }\n`,
};

/** Where an overlay writes one: into the application of the base. */
const OVERLAY_SECRETS: Readonly<Record<string, Place>> = {
  'overlay-secret': (secret) => `site: Base\napplications:\n  Base1: { secret: ${secret} }\n`,
};

/** A file with a canary, relative to the directory of the spec. */
export interface LiteralFile {
  readonly path: string;
  readonly text: string;
}

/** A file for each place, with a canary of its own in each. */
export function literalFiles(canaries: Canaries): readonly LiteralFile[] {
  const plant = (name: string) => canaries.plant(name);
  const generate = (name: string) => canaries.watch(name, generatedSecret());
  const filesOf = (places: Readonly<Record<string, Place>>, make: (name: string) => string, below = '') =>
    Object.entries(places).map(([name, write]) => ({
      path: `${below}${name}.yaml`,
      text: write(make(name), `Site-${name.replace(/[^\w-]/g, '_')}`),
    }));
  return [
    ...filesOf(LITERAL_SECRETS, plant),
    ...filesOf(GENERATED_SECRETS, generate),
    ...filesOf(OVERLAY_SECRETS, plant, 'overlays/prod/'),
  ];
}

function application(lines: (secret: string) => string): (secret: string, site: string) => string {
  return (secret, site) => `site: ${site}\napplications:\n  App:\n    ${lines(secret)}\n`;
}

/** No name of a variable, which letters and digits alone could be. */
function dashed(secret: string): string {
  return `${secret.slice(0, 16)}-${secret.slice(16)}`;
}
