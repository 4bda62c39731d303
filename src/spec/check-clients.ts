// Owns what SEMANTICS 2.6 and PROTOCOL ask of clients: which grants, which authentication, which audiences go together.
// Never looks at groups and members.

import { type ApplicationAddress, methodAddress, nameOf, qualifiedName, scopeAddress } from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { type ApplicationEntity, PROTOCOL_SCOPES } from '../model/entity.ts';
import { scopeValues } from '../model/settings.ts';
import type { Bound } from './bind.ts';
import { type DiagnosticCode, report } from './catalogue.ts';
import type { Audiences, Naming } from './check-audiences.ts';
import { checkUserGrants } from './check-grants.ts';
import { bound, rangeIn } from './entities.ts';
import { rangeOf } from './tree.ts';

/** Grants that this version serves; the others of the schema are registered names that load with a warning. */
export const GRANTS_WITHOUT_WARNING: readonly string[] = ['client_credentials'];
/** Grants for clients that can keep a secret (RFC 6749 section 4.4, SEMANTICS N-10). */
const CONFIDENTIAL_GRANTS: readonly string[] = ['client_credentials', 'password'];

export function checkClients(all: Bound, audiences: Audiences, problems: Diagnostic[]): void {
  const impersonating = all.links.impersonations();
  for (const [address, application] of bound(all, 'application')) {
    const tell: Tell = (code, pointer, detail, help, related = []) => {
      const range = rangeIn(all, address, pointer);
      problems.push(report(code, { detail, help, range, address, related }));
    };
    const written = all.places.get(address)?.entries;
    checkGrants(application, tell);
    checkUserGrants(application, tell);
    checkAuthentication(application, written?.has('secret') === true || written?.has('secrets') === true, tell);
    if (impersonating.has(address)) checkAllowList(all, address, application, tell);
    const [naming] = audiences.get(address) ?? [];
    if (naming !== undefined) checkServer(all, address, application, naming, tell);
  }
}

/** Tells of something at a pointer of the application. */
export type Tell = (
  code: DiagnosticCode,
  pointer: string,
  detail: string,
  help: string,
  related?: Diagnostic['related'],
) => void;

/** Tells which of its grants do not go together, or are not served. */
export function checkGrants(application: ApplicationEntity, tell: Tell): void {
  const grants = application.metadata?.grant_types ?? [];
  grants.forEach((grant, position) => {
    if (GRANTS_WITHOUT_WARNING.includes(grant)) return;
    const served = GRANTS_WITHOUT_WARNING.join(', ');
    tell(
      'grant.not-served',
      `/metadata/grant_types/${position}`,
      `this version does not serve ${grant}`,
      `It serves ${served}. Requests with ${grant} are refused.`,
    );
  });
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
  const isPublic = metadata?.token_endpoint_auth_method === 'none';
  if (!isPublic) {
    if (hasSecret || !grants.includes('client_credentials')) return;
    tell(
      'client.no-secret',
      '/metadata/grant_types',
      'the client may use client_credentials, and has no secret to prove who it is',
      'Write secret: { env: NAME } at the application.',
    );
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

function hasClientCredentials(all: Bound, application: ApplicationEntity): boolean {
  return (application.methods ?? []).some((name) => {
    const method = all.entities.get(methodAddress(name));
    return method?.kind === 'method' && method.type === 'client_credentials';
  });
}

/** U-83: what an impersonating client may reach is written, never "all that the user can". */
function checkAllowList(all: Bound, address: ApplicationAddress, application: ApplicationEntity, tell: Tell): void {
  const { aud, scope } = application.metadata ?? {};
  // Whatever is no scope names an application, or is told to name none.
  const isScope = (value: string) =>
    (PROTOCOL_SCOPES as readonly string[]).includes(value) || all.entities.has(scopeAddress(value));
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
  if (!hasClientCredentials(all, application)) return;
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
