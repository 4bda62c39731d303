// Owns what SEMANTICS 2.6 and PROTOCOL ask of clients: which grants, which authentication, which audiences go together.
// Never looks at groups and members.

import {
  type ApplicationAddress,
  methodAddress,
  nameOf,
  qualifiedName,
  SERVER,
  scopeAddress,
} from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { ApplicationEntity, ServerEntity } from '../model/entity.ts';
import { GRANT_TYPES_WITH_USER } from '../model/grant-type.ts';
import { isRegisteredScope } from '../model/registered-scope.ts';
import { authenticatesWithCertificate, scopeValues } from '../model/settings.ts';
import type { Bound } from './bind.ts';
import { type DiagnosticCode, report } from './catalogue.ts';
import type { Audiences, Naming } from './check-audiences.ts';
import { checkClientCertificate } from './check-certificates.ts';
import { checkUserGrants } from './check-grants.ts';
import { checkCalled, checkKeys } from './check-keys.ts';
import { checkRefresh } from './check-refresh.ts';
import { bound, listsClientCredentials, rangeIn } from './entities.ts';
import { rangeOf } from './tree.ts';

/** Grants of which a request at the token endpoint is a part. */
const TOKEN_ENDPOINT_GRANTS: readonly string[] = [
  ...['authorization_code', 'password', 'client_credentials', 'refresh_token'],
];
/** Grants for clients that can keep a secret (RFC 6749 section 4.4, SEMANTICS N-10). */
const CONFIDENTIAL_GRANTS: readonly string[] = ['client_credentials', 'password'];

export function checkClients(all: Bound, audiences: Audiences, problems: Diagnostic[]): void {
  const impersonating = all.links.impersonations();
  const server = all.entities.get(SERVER) as ServerEntity | undefined;
  for (const [address, application] of bound(all, 'application')) {
    const tell: Tell = (code, pointer, detail, help, related = []) => {
      const range = rangeIn(all, address, pointer);
      problems.push(report(code, { detail, help, range, address, related }));
    };
    const written = all.places.get(address)?.entries;
    checkGrants(application, tell);
    checkUserGrants(application, tell);
    checkAuthentication(application, written?.has('secret') === true || written?.has('secrets') === true, tell);
    // Which addresses are allowed, and how long access tokens live, a server that failed does not say.
    if (server !== undefined) {
      checkCalled(application, server.outbound?.allow ?? [], tell);
      checkRefresh(application, server, impersonating.has(address), tell);
      checkProfile(application, server, tell);
      checkRange(application, server, tell);
    }
    if (impersonating.has(address)) checkAllowList(all, address, application, tell);
    const [naming] = audiences.get(address) ?? [];
    if (naming !== undefined) checkServer(all, address, application, naming, tell);
  }
}

/** of that system every client with users has a role that they need. */
function checkProfile({ metadata, required_role }: ApplicationEntity, { profiles }: ServerEntity, tell: Tell): void {
  const withUsers = (metadata?.grant_types ?? []).filter(
    (grant) => GRANT_TYPES_WITH_USER.includes(grant) && grant !== 'refresh_token',
  );
  if (profiles?.includes('argus') !== true || withUsers.length === 0 || required_role !== undefined) return;
  tell(
    'profile.required-role-missing',
    '/metadata/grant_types',
    `people let the client act by ${withUsers.join(' and ')}, and nothing says which role they need`,
    'Write required_role: with a role or a function, here or in defaults: of the site.',
  );
}

/** no range lets the client call from anywhere. One that is empty says so to nobody; that none is written is told of that system alone. */
function checkRange({ metadata, client_ip_range }: ApplicationEntity, { profiles }: ServerEntity, tell: Tell): void {
  if (client_ip_range !== undefined && client_ip_range.length === 0) {
    const help = 'List the networks that it calls from, or remove the key.';
    tell('client.any-address', '/client_ip_range', 'no network is listed, so the client may call from anywhere', help);
    return;
  }
  const calls = (metadata?.grant_types ?? []).length > 0 && metadata?.token_endpoint_auth_method !== 'none';
  if (client_ip_range !== undefined || !calls || profiles?.includes('argus') !== true) return;
  const help = 'Write client_ip_range: with the networks that it calls from, here or in defaults: of the site.';
  tell('client.any-address', '/metadata/grant_types', 'the client keeps a secret and may call from anywhere', help);
}

/** Tells of something at a pointer of the application. */
export type Tell = (
  code: DiagnosticCode,
  pointer: string,
  detail: string,
  help: string,
  related?: Diagnostic['related'],
) => void;

/** Tells which of its grants do not go together. */
export function checkGrants(application: ApplicationEntity, tell: Tell): void {
  const grants = application.metadata?.grant_types ?? [];
  const others = grants.filter((grant) => grant !== 'client_credentials');
  if (grants.includes('client_credentials') && others.length > 0) {
    tell(
      'cc-mixed-grants',
      '/metadata/grant_types',
      `client_credentials stands beside ${others.join(' and ')}`,
      'Keep client_credentials alone, and make an application of its own for the rest.',
    );
  }
}

/** Tells how grants, authentication and secret do not go together. `hasSecret`: one is written, a good one or not. */
export function checkAuthentication(application: ApplicationEntity, hasSecret: boolean, tell: Tell): void {
  const { metadata } = application;
  const grants = metadata?.grant_types ?? [];
  const method = metadata?.token_endpoint_auth_method;
  checkKeys(application, hasSecret, tell);
  checkClientCertificate(application, hasSecret, tell);
  if (method !== 'none') {
    checkSecret(application, hasSecret, tell);
    return;
  }
  const confidential = grants.filter((grant) => CONFIDENTIAL_GRANTS.includes(grant));
  if (confidential.length > 0) {
    tell(
      'client.public-with-grant',
      '/metadata/token_endpoint_auth_method',
      `a public client may not use ${confidential.join(' and ')}`,
      `Write client_secret_basic or client_secret_post and a secret, or remove ${confidential.join(' and ')} from grant_types.`,
    );
  }
  if (hasSecret) {
    tell(
      'client.public-with-secret',
      application.secrets === undefined ? '/secret' : '/secrets',
      'token_endpoint_auth_method is none, so nothing ever asks for this secret',
      'Remove the secret, or write client_secret_basic or client_secret_post.',
    );
  }
}

/** Of a client that is not public. */
function checkSecret(application: ApplicationEntity, hasSecret: boolean, tell: Tell): void {
  const { metadata } = application;
  const method = metadata?.token_endpoint_auth_method;
  if (method === 'private_key_jwt' || authenticatesWithCertificate(application)) return;
  // O-017, N-010: what all copies of an application hold proves nothing.
  if (hasSecret && metadata?.application_type === 'native') {
    tell(
      'client.native-with-secret',
      application.secrets === undefined ? '/secret' : '/secrets',
      'all copies of a native application share this secret, and it proves nothing of any of them',
      'Remove it, and write token_endpoint_auth_method: none.',
    );
  }
  const grants = (metadata?.grant_types ?? []).filter((grant) => TOKEN_ENDPOINT_GRANTS.includes(grant));
  if (hasSecret || grants.length === 0 || method === 'client_secret_jwt') return;
  const isConfidential = grants.some((grant) => CONFIDENTIAL_GRANTS.includes(grant));
  tell(
    'client.no-secret',
    '/metadata/grant_types',
    `the client may use ${grants.join(' and ')}, and has no secret to prove who it is`,
    `Write secret: { env: NAME } at the application${isConfidential ? '' : ', or token_endpoint_auth_method: none where it cannot keep one'}.`,
  );
}

/** U-83: what an impersonating client may reach is written, never "all that the user can". */
function checkAllowList(all: Bound, address: ApplicationAddress, application: ApplicationEntity, tell: Tell): void {
  const { aud, scope } = application.metadata ?? {};
  // Whatever is no scope names an application, or is told to name none.
  const isScope = (value: string) => isRegisteredScope(value) || all.entities.has(scopeAddress(value));
  if (aud === undefined ? scopeValues(scope).some((value) => !isScope(value)) : aud.length > 0) return;
  tell(
    'empty-audience-allowlist',
    '/metadata/scope',
    `${nameOf(address)} impersonates a user, and neither scope nor aud of its metadata names a server`,
    'Write metadata.scope with the client_ids of the server applications that it may ask for.',
  );
}

function checkServer(
  all: Bound,
  address: ApplicationAddress,
  application: ApplicationEntity,
  naming: Naming,
  tell: Tell,
): void {
  const related = [
    { message: `${qualifiedName(naming.client)} names it as an audience here`, range: rangeOf(naming.span) },
  ];
  const grants = application.metadata?.grant_types ?? [];
  if (grants.length > 0) {
    tell(
      'server-app-has-grants',
      '/metadata/grant_types',
      `${nameOf(address)} is an audience of ${qualifiedName(naming.client)}, and has grant types of its own`,
      'Write grant_types: [], and make an application of its own for the client part.',
      related,
    );
  }
  // Without a method for client_credentials nothing reaches it: check-effects.ts says that.
  if (!listsClientCredentials(all, application)) return;
  (application.methods ?? []).forEach((name, position) => {
    const method = all.entities.get(methodAddress(name));
    if (method?.kind !== 'method' || method.type === 'client_credentials') return;
    tell(
      'server-app-mixed-methods',
      `/methods/${position}`,
      `${nameOf(address)} is reached by client_credentials, and ${name} is of type ${method.type}`,
      `Remove ${name} here, unless users are meant to log in to ${nameOf(address)} too.`,
      related,
    );
  });
}
