// Owns `tests:` → tests of access: who asks for what, and what is expected. Never runs one, and never says what a name in
// one refers to (test-names.ts does).

import type { AccessTest, Assertion, TestPermission, TestRequest } from '../model/access-test.ts';
import { type ApplicationAddress, methodAddress, qualifiedName } from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { parseDuration, parseInstant } from '../model/duration.ts';
import type { ApplicationEntity } from '../model/entity.ts';
import { GRANT_TYPES, GRANT_TYPES_WITH_USER, methodServes } from '../model/grant-type.ts';
import { scopeValues } from '../model/settings.ts';
import type { Bound } from './bind.ts';
import { bindNever, bindWhoCan, tellUnusedUser } from './bind-test-questions.ts';
import { report } from './catalogue.ts';
import type { TestsDocument } from './documents.gen.ts';
import type { Declarations } from './merge.ts';
import { type NameOptions, TestNames } from './test-names.ts';
import { wordsOfNever, wordsOfRequest, wordsOfWhoCan } from './test-words.ts';
import { type Entry, entryOf, itemsOf, type MapNode, rangeOf, spanOfEntry, spanOfItem } from './tree.ts';

export type WrittenTest = TestsDocument['tests'][number];
export type WrittenRequest = NonNullable<WrittenTest['request']>;
type WrittenExpectation = NonNullable<WrittenTest['expect']>;

export interface TestContext {
  readonly bound: Pick<Bound, 'entities'>;
  readonly names: TestNames;
  readonly problems: Diagnostic[];
  /** The site of the document; of a tests document, empty. */
  readonly site: string;
}

/**
 * The tests of a spec in the order of their places. What is wrong in one is told, as an error: a test that cannot mean
 * what it says must not look like one that passes.
 */
export function bindTests(
  declarations: Declarations,
  bound: Pick<Bound, 'entities'>,
  options: NameOptions,
  problems: Diagnostic[],
): readonly AccessTest[] {
  if (declarations.tests.length === 0) return [];
  const names = new TestNames(declarations, bound, options, problems);
  return declarations.tests.flatMap(({ site, node, value }) => {
    const test =
      node.type === 'map' ? bindTest(value as WrittenTest, node, { bound, names, problems, site }) : undefined;
    return test ?? [];
  });
}

function bindTest(written: WrittenTest, node: MapNode, context: TestContext): AccessTest | undefined {
  const bound = bindAssertion(written, node, context);
  if (bound === undefined) return undefined;
  const { assertion, words } = bound;
  return { name: written.name ?? words, assertion, range: rangeOf(spanOfItem(node)) };
}

interface BoundAssertion {
  readonly assertion: Assertion;
  /** What it says, for who gave it no name. */
  readonly words: string;
}

function bindAssertion(written: WrittenTest, node: MapNode, context: TestContext): BoundAssertion | undefined {
  const form = (['request', 'allow', 'deny'] as const).find((key) => written[key] !== undefined);
  const asked = form && written[form];
  const entry = form && node.entries.get(form);
  if (form !== undefined && asked !== undefined && entry !== undefined) {
    const about = aboutRequest(form, written, node, context);
    const request = bindRequest(asked, entry, context);
    if (request === undefined || about === undefined) return undefined;
    return { assertion: { ...about, request }, words: wordsOfRequest(form, asked, request, written.reason) };
  }
  if (written.who_can !== undefined) {
    const assertion = bindWhoCan(written, node, context);
    return assertion && { assertion, words: wordsOfWhoCan(written) };
  }
  if (written.never === undefined) return undefined;
  const never = bindNever(written.never, node, context);
  return never && { assertion: { kind: 'never', never }, words: wordsOfNever(written.never) };
}

type AboutRequest = { readonly [K in 'token' | 'allow' | 'deny']: Omit<Extract<Assertion, { kind: K }>, 'request'> };

/** What is expected of a request. */
function aboutRequest(
  form: 'request' | 'allow' | 'deny',
  written: WrittenTest,
  node: MapNode,
  context: TestContext,
): AboutRequest[keyof AboutRequest] | undefined {
  if (form === 'allow') return { kind: 'allow' };
  if (form === 'deny') return { kind: 'deny', reason: written.reason };
  const entry = node.entries.get('expect');
  return written.expect === undefined || entry === undefined ? undefined : bindToken(written.expect, entry, context);
}

function bindRequest(written: WrittenRequest, entry: Entry, context: TestContext): TestRequest | undefined {
  const { bound, names, site } = context;
  const [clientEntry, scopeEntry, userEntry, methodEntry] = [
    entryOf(entry.value, 'client'),
    entryOf(entry.value, 'scope'),
    entryOf(entry.value, 'user'),
    entryOf(entry.value, 'method'),
  ];
  if (scopeEntry !== undefined) names.checkScopes(scopeEntry.value);
  const resourceEntry = entryOf(entry.value, 'resource');
  const resource = resourceEntry && names.resource(resourceEntry.value);
  const user = userEntry && names.user(userEntry.value, site);
  const method = methodEntry && names.method(methodEntry.value);
  const client = clientEntry && names.client(clientEntry.value, site);
  const application = client && bound.entities.get(client);
  // One that is not sound has its own errors.
  if (clientEntry === undefined || client === undefined || application?.kind !== 'application') return undefined;
  const grant_type = grantOf(written.grant_type, { client, application, clientEntry }, context);
  if (grant_type === undefined) return undefined;
  const isSound =
    checkUser(grant_type, { clientEntry, userEntry, methodEntry }, context) &&
    checkLogin(grant_type, method, methodEntry, context);
  const isKnown = (userEntry === undefined) === (user === undefined) && (methodEntry === undefined || method);
  if (resourceEntry !== undefined && resource === undefined) return undefined;
  if (!isSound || !isKnown) return undefined;
  const scope = scopeValues(textOf(written.scope));
  return {
    client,
    grant_type,
    user,
    method,
    scope: scope.length === 0 ? undefined : scope,
    ip: written.ip,
    time: written.time === undefined ? undefined : parseInstant(written.time),
    ...(resource === undefined ? {} : { resource }),
  };
}

/** The grant that is written, else the client's only one. Undefined where it is not clear (told). */
function grantOf(
  written: string | undefined,
  asks: { client: ApplicationAddress; application: ApplicationEntity; clientEntry: Entry },
  { problems }: TestContext,
): string | undefined {
  const grants = asks.application.metadata?.grant_types ?? [];
  const [only, ...others] = grants;
  if (written !== undefined) return written;
  if (only !== undefined && others.length === 0) return only;
  const name = qualifiedName(asks.client);
  problems.push(
    report('test.grant-unclear', {
      detail:
        only === undefined
          ? `${name} has no grant types, so it is not clear by which one it asks`
          : `${name} has the grant types ${grants.join(', ')}, so it is not clear by which one it asks`,
      help: `Write grant_type beside client: ${(only === undefined ? GRANT_TYPES : grants).join(', ')}.`,
      range: rangeOf(spanOfEntry(asks.clientEntry)),
    }),
  );
  return undefined;
}

/** Whether a login by the method serves the grant: by another one nobody comes, whatever the spec says (told). */
function checkLogin(
  grant_type: string,
  method: string | undefined,
  entry: Entry | undefined,
  { bound, problems }: TestContext,
): boolean {
  const entity = method === undefined ? undefined : bound.entities.get(methodAddress(method));
  if (entry === undefined || entity?.kind !== 'method' || methodServes(entity.type, grant_type)) return true;
  problems.push(
    report('test.nothing-fits', {
      detail: `${method} is of type ${entity.type}, by which no login serves ${grant_type}`,
      help: 'Write a method by which users log in, or remove it.',
      range: rangeOf(spanOfEntry(entry)),
    }),
  );
  return false;
}

/** Whether a user is written where one acts, and only there (told). */
function checkUser(
  grant_type: string,
  asks: { clientEntry: Entry; userEntry: Entry | undefined; methodEntry: Entry | undefined },
  { problems }: TestContext,
): boolean {
  if (!GRANT_TYPES_WITH_USER.includes(grant_type)) {
    const unused = [asks.userEntry, asks.methodEntry].flatMap((entry) => entry ?? []);
    for (const entry of unused) tellUnusedUser(entry, problems);
    return unused.length === 0;
  }
  if (asks.userEntry !== undefined) return true;
  problems.push(
    report('test.user-missing', {
      detail: `by ${grant_type} a user lets the client act, and the test names none`,
      help: 'Write user: NAME beside client.',
      range: rangeOf(spanOfEntry(asks.clientEntry)),
    }),
  );
  return false;
}

function bindToken(
  written: WrittenExpectation,
  entry: Entry,
  { names, site }: TestContext,
): AboutRequest['token'] | undefined {
  const nodeOf = (key: keyof WrittenExpectation) => entryOf(entry.value, key)?.value;
  const [scopeNode, clientNode, subNode, userNode] = [
    nodeOf('scope'),
    nodeOf('client_id'),
    nodeOf('sub'),
    nodeOf('impersonates'),
  ];
  for (const item of itemsOf(nodeOf('aud'))) names.checkClientId(item, 'audience');
  if (scopeNode !== undefined) names.checkScopes(scopeNode);
  if (clientNode !== undefined) names.checkClientId(clientNode, 'application');
  if (subNode !== undefined) names.checkSubject(subNode);
  const claimsNode = nodeOf('claims');
  if (claimsNode?.type === 'map') for (const claim of claimsNode.entries.values()) names.checkClaim(claim);
  for (const item of itemsOf(nodeOf('permissions'))) names.checkPermission(item);
  const user = userNode && names.user(userNode, site);
  if (userNode !== undefined && user === undefined) return undefined;
  const { aud, client_id, sub, scope, lifetime, permissions, claims: released } = written;
  return {
    kind: 'token',
    claims: {
      ...released,
      ...(aud === undefined ? {} : { aud }),
      ...(scope === undefined ? {} : { scope: textOf(scope) }),
      ...(client_id === undefined ? {} : { client_id }),
      ...(sub === undefined ? {} : { sub }),
      ...(permissions === undefined ? {} : { permissions: permissions.map(permissionOf) }),
      ...(user === undefined ? {} : { impersonates: qualifiedName(user) }),
    },
    lifetime: lifetime === undefined ? undefined : parseDuration(lifetime),
  };
}

/** The short form is for all customers. */
function permissionOf(written: NonNullable<WrittenExpectation['permissions']>[number]): TestPermission {
  if (typeof written === 'string') return { function: written };
  const { function: name, customer } = written;
  return { function: name, ...(customer === undefined ? {} : { customer }) };
}

function textOf(scope: string | readonly string[] | undefined): string | undefined {
  return scope === undefined || typeof scope === 'string' ? scope : scope.join(' ');
}
