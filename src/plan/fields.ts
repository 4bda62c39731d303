// Owns the rule for each field of each kind of entity: what its change means to those who rest on it (DESIGN 3),
// declared once. Never applies one (semantics.ts does).

import type { Kind } from '../model/address.ts';
import type {
  ApplicationTokenSettings,
  CertificateSettings,
  ClientMetadata,
  ConsentSettings,
  EntityOfKind,
  ServerEntity,
  SessionSettings,
  TokenSettings,
  UserCertificate,
} from '../model/entity.ts';
import { isBlockWithin } from '../model/network.ts';
import { isRegisteredScope } from '../model/registered-scope.ts';
import {
  DEFAULT_ACCESS_TTL_SECONDS,
  DEFAULT_CODE_TTL_SECONDS,
  DEFAULT_SESSION_TTL_SECONDS,
  deletesThreshold,
  responseTypesOf,
  scopeValues,
} from '../model/settings.ts';
import { TRUSTED_CERTIFICATES } from './certificate-rules.ts';
import {
  always,
  amount,
  BEGINNING,
  both,
  choice,
  END,
  flag,
  inherited,
  lifetime,
  list,
  part,
  presence,
  type Rule,
  UNWRITTEN,
} from './change-rules.ts';
import { ACCESS_RULES, ALLOWED_TO, POLICY_ITEMS, REQUIRED_ROLE } from './gate-rules.ts';
import { REFRESH } from './refresh-rule.ts';
import { RESOURCE_RULES, ROLE_GRANTS, TOKEN_LOCATIONS } from './resource-rules.ts';

/** A field that holds others, by name: `*` is every name, `name#*` that name in each language. */
export interface Members {
  readonly members: { readonly [name: string]: Rule };
}

export type Field = Rule | Members;

/** A rule for each member that an entity can have: one that is missing does not compile. */
type FieldsOf<E> = { readonly [Name in Exclude<keyof E, 'kind'>]-?: Field };

const NEUTRAL = always();
const BREAKING = always('breaking');
const LISTED = list({ added: ['widening'], removed: ['narrowing'] });
const LINKED = list({ added: ['widening'], removed: ['narrowing'], ending: true });
/** What asks for care. */
const GUARD = flag({ initial: false, on: [], off: ['weakening'] });
const SWITCH = flag({ initial: true, on: ['widening'], off: ['narrowing'] });

/** Where none is written the engine's own default counts; of an application too, whatever its server says. */
const TOKENS = {
  members: {
    // Who checks tokens meets another one than it was made for.
    format: choice({ initial: 'jwt', changed: ['breaking'] }),
    typ: choice({ initial: 'at+jwt', changed: ['breaking'] }),
    alg: choice({ initial: 'ES256', changed: ['breaking'] }),
    access_ttl: lifetime(DEFAULT_ACCESS_TTL_SECONDS),
    code_ttl: lifetime(DEFAULT_CODE_TTL_SECONDS),
  } satisfies Record<keyof TokenSettings, Rule>,
};

/** What the application does not write, its server may; what only an application has, none. */
const OWN_TOKENS: Members = {
  members: {
    ...Object.fromEntries(Object.entries(TOKENS.members).map(([name, rule]) => [name, inherited(rule)])),
    ...({
      refresh: REFRESH,
      id_token_claims: list({ added: ['widening'], removed: ['breaking'] }),
    } satisfies Record<Exclude<keyof ApplicationTokenSettings, keyof TokenSettings>, Rule>),
  },
};

const SESSIONS = {
  members: {
    ttl: lifetime(DEFAULT_SESSION_TTL_SECONDS),
    idle: lifetime(Number.POSITIVE_INFINITY),
  } satisfies Record<keyof SessionSettings, Rule>,
};

/** Where nothing is written, the scopes that the client may ask for decide whether the user is asked. */
const CONSENT = {
  members: {
    required: choice({
      steps: [
        { to: ['false'], means: ['weakening'] },
        { from: ['true'], to: [UNWRITTEN], means: ['weakening'] },
        { to: ['true'], means: ['narrowing'] },
        { from: ['false'], to: [UNWRITTEN], means: ['narrowing'] },
      ],
    }),
    remember: flag({ initial: false, on: ['widening'], off: ['narrowing'] }),
    template: NEUTRAL,
    description_key: NEUTRAL,
    brands: NEUTRAL,
  } satisfies Record<keyof ConsentSettings, Rule>,
};

/** Registered ways to authenticate, by what they rest on: a secret that is sent, one that is not, a key. */
const SECRET_SENT = ['client_secret_basic', 'client_secret_post'];
const SECRET_KEPT = ['client_secret_jwt'];
const KEY = ['private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth'];

/** Somebody may who could not, and who could may no more. */
const ANOTHER = choice({
  only: [
    { from: [UNWRITTEN], means: ['widening'] },
    { to: [UNWRITTEN], means: ['narrowing'] },
  ],
  changed: ['widening', 'narrowing'],
});

const LISTED_KEYS = list({ added: ['widening'], removed: ['breaking'] });

type UntranslatedMetadata = keyof {
  [Name in keyof ClientMetadata as Name extends `${string}#${string}` ? never : Name]: never;
};

const METADATA: Members = {
  members: {
    // RFC 9700 2.1.2 and 2.4: tokens in a URL, and passwords in the hands of a client.
    grant_types: list({
      added: ['widening'],
      removed: ['breaking'],
      special: { items: ['implicit', 'password'], added: ['weakening'] },
    }),
    response_types: list({
      // Of grants that are not known what RFC 7591 2 has for those that write none.
      initial: (metadata) => (metadata === undefined ? ['code'] : responseTypesOf(metadata as ClientMetadata)),
      added: ['widening'],
      removed: ['breaking'],
      special: { items: ['token', 'id_token token'], added: ['weakening'] },
    }),
    redirect_uris: list({ added: ['widening'], removed: ['breaking'], ending: true }),
    // RFC 8252 7: of a native client the loopback URIs match on every port.
    application_type: choice({
      initial: 'web',
      steps: [
        { to: ['native'], means: ['widening'] },
        { to: ['web'], means: ['breaking'] },
      ],
    }),
    // RFC 7636 4.2: S256 asks for a challenge that does not tell the verifier; without it some clients send none.
    code_challenge_method: choice({
      steps: [
        { from: ['S256'], means: ['weakening'] },
        { from: [UNWRITTEN], to: ['plain'], means: ['weakening'] },
        { to: ['S256'], means: ['breaking'] },
        { to: ['none'], means: ['weakening'] },
        { from: ['plain', 'none'], to: [UNWRITTEN], means: ['breaking'] },
      ],
    }),
    scope: LISTED,
    // Where none is written the audiences are those of the scope (SEMANTICS U-22).
    aud: list({
      initial: (metadata) =>
        scopeValues((metadata as ClientMetadata | undefined)?.scope).filter((value) => !isRegisteredScope(value)),
      added: ['widening'],
      removed: ['narrowing'],
    }),
    // SEMANTICS U-48: where none is written both ways to send a secret are taken.
    token_endpoint_auth_method: choice({
      only: [{ from: SECRET_SENT, to: [UNWRITTEN], means: ['widening'] }],
      changed: ['breaking'],
      steps: [
        { to: ['none'], means: ['weakening'] },
        { from: KEY, to: [...SECRET_SENT, UNWRITTEN, ...SECRET_KEPT], means: ['weakening'] },
        { from: SECRET_KEPT, to: [...SECRET_SENT, UNWRITTEN], means: ['weakening'] },
      ],
    }),
    // Where none is written each that fits the method and the key is taken.
    token_endpoint_auth_signing_alg: choice({
      only: [{ to: [UNWRITTEN], means: ['widening'] }],
      changed: ['breaking'],
    }),
    // Who has the private half of a key can be the client.
    jwks: part('keys', LISTED_KEYS),
    jwks_uri: choice({ changed: ['widening', 'narrowing'] }),
    // Whose certificate is taken: another one than before.
    tls_client_auth_subject_dn: ANOTHER,
    tls_client_auth_san_dns: ANOTHER,
    tls_client_auth_san_uri: ANOTHER,
    tls_client_auth_san_ip: ANOTHER,
    tls_client_auth_san_email: ANOTHER,
    // OpenID Connect Registration 2: RS256 where none is written.
    id_token_signed_response_alg: choice({ initial: 'RS256', changed: ['breaking'] }),
    default_max_age: amount({
      read: (written) => (written === undefined ? Number.POSITIVE_INFINITY : Number(written)),
      words: ['longer or no more', 'shorter'],
      more: ['weakening'],
      less: ['narrowing'],
    }),
    require_auth_time: flag({ initial: false, on: [], off: ['breaking'] }),
    default_acr_values: NEUTRAL,
    subject_type: NEUTRAL,
    post_logout_redirect_uris: list({ added: ['widening'], removed: ['breaking'] }),
    // A client that is no longer told of a logout goes on with its own session.
    backchannel_logout_uri: choice({ steps: [{ to: [UNWRITTEN], means: ['weakening'] }, { means: [] }] }),
    // The session is always named.
    backchannel_logout_session_required: NEUTRAL,
    client_name: NEUTRAL,
    'client_name#*': NEUTRAL,
    client_uri: NEUTRAL,
    'client_uri#*': NEUTRAL,
    logo_uri: NEUTRAL,
    'logo_uri#*': NEUTRAL,
    tos_uri: NEUTRAL,
    'tos_uri#*': NEUTRAL,
    policy_uri: NEUTRAL,
    'policy_uri#*': NEUTRAL,
    contacts: NEUTRAL,
    software_id: NEUTRAL,
    software_version: NEUTRAL,
  } satisfies Record<UntranslatedMetadata | `${string}#*`, Rule>,
};

/** From which deletes on an approval is asked for. */
function threshold(of: 'percent' | 'at_least'): Rule {
  return amount({
    read: (safety) => deletesThreshold({ safety } as ServerEntity)[of],
    words: [`deletes.${of} raised`, `deletes.${of} lowered`],
    more: ['weakening'],
    less: [],
  });
}

/** In the order in which they are documented. */
export const FIELDS: { readonly [K in Kind]: FieldsOf<EntityOfKind<K>> } = {
  server: {
    issuer: BREAKING,
    profiles: list({ added: ['widening'], removed: ['breaking'] }),
    // How clients and users are called in answers of the profile ubisecure.
    directory: { members: { base_dn: BREAKING } },
    tokens: TOKENS,
    sessions: SESSIONS,
    oauth2: { members: { enabled: SWITCH } },
    // What the guard against forged requests lets through.
    outbound: { members: { allow: list({ added: ['weakening'], removed: ['narrowing'] }) } },
    // Who is believed about where a request comes from.
    trusted_proxies: list({ added: ['weakening'], removed: ['narrowing'] }),
    certificates: {
      members: {
        // Whoever an authority issues a certificate to can be a client of that name.
        authorities: TRUSTED_CERTIFICATES,
        // Who can write that header as the proxy can be any client.
        header: choice({
          only: [{ from: [UNWRITTEN], means: ['weakening'] }],
          changed: ['breaking'],
        }),
      } satisfies Record<keyof CertificateSettings, Rule>,
    },
    safety: both(threshold('percent'), threshold('at_least')),
  },
  method: {
    type: BREAKING,
    certificate_authority: ANOTHER,
    enabled: SWITCH,
  },
  scope: { descriptions: NEUTRAL },
  role: {
    functions: LISTED,
    roles: LISTED,
  },
  customer: {
    // What is granted for the parent counts here too.
    parent: choice({
      only: [
        { from: [UNWRITTEN], means: ['widening'] },
        { to: [UNWRITTEN], means: ['narrowing'] },
      ],
      changed: ['widening', 'narrowing'],
    }),
  },
  resource: {
    // Somewhere else: what was covered is no more, and what was not is.
    host: choice({ changed: ['widening', 'narrowing'] }),
    path: choice({ changed: ['widening', 'narrowing'] }),
    // What no resource covers is refused.
    methods: list({
      added: ['widening'],
      removed: ['narrowing'],
      whenEmptyIsAll: { first: ['narrowing'], last: ['widening'] },
    }),
    // Another place of it says nothing of who gets there.
    upstream: presence({ came: ['widening'], gone: ['breaking'] }),
    access_rules: RESOURCE_RULES,
    // Who sees a token can use it.
    forward_token: flag({ initial: false, on: ['weakening'], off: ['breaking'] }),
    token_locations: TOKEN_LOCATIONS,
  },
  site: { methods: LISTED },
  application: {
    client_id: BREAKING,
    enabled: flag({ initial: true, on: ['widening'], off: ['narrowing', 'breaking'] }),
    expires: END,
    secret: NEUTRAL,
    secrets: NEUTRAL,
    methods: LISTED,
    allowed_to: ALLOWED_TO,
    access_rules: ACCESS_RULES,
    // Each policy releases what another one does not, and asks for what another one does not; without any no constraint
    // holds, and of the user nothing but what the method says is released.
    policy: choice({ changed: ['widening', 'narrowing'] }),
    required_role: REQUIRED_ROLE,
    // for a customer fewer have a role than for any.
    customer: choice({
      only: [
        { from: [UNWRITTEN], means: ['narrowing'] },
        { to: [UNWRITTEN], means: ['widening'] },
      ],
      changed: ['widening', 'narrowing'],
    }),
    permission_scope: LISTED,
    roles: ROLE_GRANTS,
    metadata: METADATA,
    tokens: OWN_TOKENS,
    consent: CONSENT,
    certificate_authority: ANOTHER,
    // What another server was sent may be sent on to this one.
    assertion_audience: choice({
      steps: [
        { to: ['token_endpoint'], means: ['weakening'] },
        { from: ['token_endpoint'], to: [UNWRITTEN, 'issuer'], means: ['breaking'] },
      ],
    }),
    audience_mode: choice({
      initial: 'narrow',
      steps: [
        { to: ['strict'], means: ['narrowing'] },
        { to: ['narrow'], means: ['widening'] },
      ],
    }),
    client_ip_range: list({
      added: ['widening'],
      removed: ['narrowing'],
      whenEmptyIsAll: { first: ['narrowing'], last: ['widening'] },
      isCovered: (block, others) => others.some((other) => isBlockWithin(block, other)),
    }),
    // What was issued before is bound to nothing and ends; clients that call for users have to say for whom.
    bind_token_ip: flag({ initial: false, on: ['narrowing', 'breaking'], off: ['weakening'] }),
    restricted: GUARD,
    protected: GUARD,
  },
  group: {
    // Without methods all count, but clients that act as themselves are no members.
    methods: list({
      added: ['widening'],
      removed: ['narrowing'],
      whenEmptyIsAll: { first: ['widening', 'narrowing'], last: ['widening', 'narrowing'] },
    }),
    members: LINKED,
    roles: ROLE_GRANTS,
  },
  user: {
    sub: BREAKING,
    enabled: SWITCH,
    not_before: BEGINNING,
    expires: END,
    methods: LISTED,
    roles: ROLE_GRANTS,
    // Only the policies know which of them are released or asked for: what comes of it is told of access and tokens.
    attributes: { members: { '*': NEUTRAL } },
    // Another place of the value says nothing of the value.
    password: presence({ came: ['widening'], gone: ['narrowing'] }),
    certificate: {
      members: {
        subject_dn: ANOTHER,
        san_email: ANOTHER,
        san_uri: ANOTHER,
        san_dns: ANOTHER,
        sha256: ANOTHER,
      } satisfies Record<keyof UserCertificate, Rule>,
    },
    impersonated_by: LINKED,
  },
  policy: {
    items: POLICY_ITEMS,
    // A text, where the others are lists: who reads the value meets another form.
    single_value: list({ added: ['narrowing', 'breaking'], removed: ['widening', 'breaking'] }),
    required: list({ added: ['narrowing'], removed: ['widening'] }),
  },
};

/** Keys of the spec that no entity has, and where their change is told. */
export const TOLD_ELSEWHERE: { readonly [K in Kind]?: { readonly [key: string]: string } } = {
  server: { lint: 'nothing: no entity has it' },
  site: { defaults: 'told of each entity that does not write the key itself' },
  application: { impersonates: 'told as `impersonated_by` of the user' },
  group: { access_to: 'told as `allowed_to` of the application' },
  user: { member_of: 'told as `members` of the group' },
};
