// Owns `tests:` → tests of access: who asks for what, and what is expected. Never runs one, and never says what a name in
// one refers to (test-names.ts does).

import type { AccessTest, Expectation, TestRequest } from '../model/access-test.ts';
import { type ApplicationAddress, qualifiedName } from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { parseDuration } from '../model/duration.ts';
import type { ApplicationEntity } from '../model/entity.ts';
import { scopeValues } from '../model/settings.ts';
import type { Bound } from './bind.ts';
import { report } from './catalogue.ts';
import { GRANTS_WITHOUT_WARNING } from './check-clients.ts';
import type { TestsDocument } from './documents.gen.ts';
import type { Declarations } from './merge.ts';
import { type NameOptions, TestNames } from './test-names.ts';
import { type Entry, entryOf, itemsOf, type MapNode, rangeOf, spanOfEntry, spanOfItem } from './tree.ts';

type WrittenTest = TestsDocument['tests'][number];
type WrittenRequest = NonNullable<WrittenTest['request']>;
type WrittenExpectation = NonNullable<WrittenTest['expect']>;

interface Context {
  readonly bound: Bound;
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
  bound: Bound,
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

function bindTest(written: WrittenTest, node: MapNode, context: Context): AccessTest | undefined {
  const form = (['request', 'allow', 'deny'] as const).find((key) => written[key] !== undefined);
  const entry = form && node.entries.get(form);
  const asked = form && written[form];
  if (form === undefined || entry === undefined || asked === undefined) return undefined;
  const expectation = bindExpectation(form, written, node, context);
  const request = bindRequest(asked, entry, context);
  if (request === undefined || expectation === undefined) return undefined;
  const name = written.name ?? wordsOfTest(form, asked, request, written.reason);
  return { name, request, expectation, range: rangeOf(spanOfItem(node)) };
}

function bindRequest(written: WrittenRequest, entry: Entry, context: Context): TestRequest | undefined {
  const { bound, names, site } = context;
  const clientEntry = entryOf(entry.value, 'client');
  const scopeEntry = entryOf(entry.value, 'scope');
  if (scopeEntry !== undefined) names.checkScopes(scopeEntry.value);
  const client = clientEntry && names.client(clientEntry.value, site);
  const application = client && bound.entities.get(client);
  // One that is not sound has its own errors.
  if (clientEntry === undefined || client === undefined || application?.kind !== 'application') return undefined;
  const grant_type = grantOf(written, { client, application, clientEntry, entry }, context);
  if (grant_type === undefined) return undefined;
  const scope = scopeValues(textOf(written.scope));
  return { client, grant_type, scope: scope.length === 0 ? undefined : scope, ip: written.ip };
}

/** The grant that is written, else the client's only one. Undefined where there is none that this version serves (told). */
function grantOf(
  { grant_type }: WrittenRequest,
  asks: { client: ApplicationAddress; application: ApplicationEntity; clientEntry: Entry; entry: Entry },
  { problems }: Context,
): string | undefined {
  const grants = asks.application.metadata?.grant_types ?? [];
  const name = qualifiedName(asks.client);
  const served = GRANTS_WITHOUT_WARNING.join(', ');
  const [only, ...others] = grants;
  if (grant_type === undefined && (only === undefined || others.length > 0)) {
    problems.push(
      report('test.grant-unclear', {
        detail:
          only === undefined
            ? `${name} has no grant types, so it is not clear by which one it asks`
            : `${name} has the grant types ${grants.join(', ')}, so it is not clear by which one it asks`,
        help: `Write grant_type beside client. This version serves ${served}.`,
        range: rangeOf(spanOfEntry(asks.clientEntry)),
      }),
    );
    return undefined;
  }
  const grant = grant_type ?? only ?? '';
  if (GRANTS_WITHOUT_WARNING.includes(grant)) return grant;
  const written = entryOf(asks.entry.value, 'grant_type');
  problems.push(
    report('test.grant-not-served', {
      detail: written === undefined ? `the only grant type of ${name} is ${grant}` : `the request is one by ${grant}`,
      help: `This version serves ${served}, so no test of ${grant} can be run. Remove the test.`,
      range: rangeOf(spanOfEntry(written ?? asks.clientEntry)),
    }),
  );
  return undefined;
}

function bindExpectation(
  form: 'request' | 'allow' | 'deny',
  written: WrittenTest,
  node: MapNode,
  context: Context,
): Expectation | undefined {
  if (form === 'allow') return { kind: 'allow' };
  if (form === 'deny') return { kind: 'deny', reason: written.reason };
  const entry = node.entries.get('expect');
  return written.expect === undefined || entry === undefined ? undefined : bindToken(written.expect, entry, context);
}

function bindToken(written: WrittenExpectation, entry: Entry, { names, site }: Context): Expectation | undefined {
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
  const user = userNode && names.user(userNode, site);
  if (userNode !== undefined && user === undefined) return undefined;
  const { aud, client_id, sub, scope, lifetime } = written;
  return {
    kind: 'token',
    claims: {
      ...(aud === undefined ? {} : { aud }),
      ...(scope === undefined ? {} : { scope: textOf(scope) }),
      ...(client_id === undefined ? {} : { client_id }),
      ...(sub === undefined ? {} : { sub }),
      ...(user === undefined ? {} : { impersonates: qualifiedName(user) }),
    },
    lifetime: lifetime === undefined ? undefined : parseDuration(lifetime),
  };
}

function textOf(scope: string | readonly string[] | undefined): string | undefined {
  return scope === undefined || typeof scope === 'string' ? scope : scope.join(' ');
}

const VERBS = { request: 'gets', allow: 'may get', deny: 'may not get' } as const;

/** `Client1 may not get Server3 (SCOPE_NOT_ALLOWED)` */
function wordsOfTest(
  form: keyof typeof VERBS,
  { client, ip }: WrittenRequest,
  { scope = [] }: TestRequest,
  reason: string | undefined,
): string {
  const what = scope.length === 0 ? 'a token' : scope.join(' ');
  const from = ip === undefined ? '' : ` from ${ip}`;
  return `${client} ${VERBS[form]} ${what}${from}${reason === undefined ? '' : ` (${reason})`}`;
}
