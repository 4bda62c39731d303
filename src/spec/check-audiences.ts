// Owns metadata.scope and metadata.aud: what each client may ask for by name (SEMANTICS U-22, N-11), and who is named.
// Never decides who gets it.

import { type Address, type ApplicationAddress, nameOf, qualifiedName, scopeAddress } from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { ApplicationEntity } from '../model/entity.ts';
import { isRegisteredScope, REGISTERED_SCOPES } from '../model/registered-scope.ts';
import type { Bound } from './bind.ts';
import { report } from './catalogue.ts';
import { bound, rangeIn } from './entities.ts';
import { type Declaration, type Declarations, declarationAt } from './merge.ts';
import type { Moves } from './moves.ts';
import { isSlip, type Suggestions } from './nearest.ts';
import { didYouMean } from './references.ts';
import { entryOf, itemsOf, type Node, rangeOf, type Span, spanWithin } from './tree.ts';

/** By server application: the clients that name it as an audience, themselves apart, and where they do. */
export type Audiences = ReadonlyMap<ApplicationAddress, readonly Naming[]>;

export interface Naming {
  readonly client: ApplicationAddress;
  readonly span: Span;
}

interface Word {
  readonly text: string;
  readonly span: Span;
}

/** What words that name audiences and scopes may refer to. */
export interface Known {
  readonly clients: ReadonlyMap<string, ApplicationAddress>;
  readonly declarations: Declarations;
  /** Whether a word that is nothing known may be told to be unknown. */
  readonly complete: boolean;
  readonly suggestions: Suggestions;
  readonly moves: Moves;
}

/** RFC 6749 section 3.3. */
const SCOPE_TOKEN = /^[\x21\x23-\x5B\x5D-\x7E]+$/;

export interface AudienceOptions extends Pick<Known, 'suggestions' | 'moves'> {
  readonly incomplete: boolean;
}

export function collectAudiences(
  declarations: Declarations,
  all: Bound,
  options: AudienceOptions,
  problems: Diagnostic[],
): Audiences {
  const known = knownNames(declarations, options);
  const audiences = new Map<ApplicationAddress, Naming[]>();
  for (const [client, application] of bound(all, 'application')) {
    const metadata = all.places.get(client)?.entries.get('metadata')?.value;
    const scopes = wordsOf(entryOf(metadata, 'scope')?.value);
    const listed = itemsOf(entryOf(metadata, 'aud')?.value).map(({ span, ...item }) => ({
      text: item.type === 'scalar' ? String(item.value) : '',
      span,
    }));
    const hasList = application.metadata?.aud !== undefined;
    for (const word of scopes) checkScope(word, hasList, known, problems);
    for (const word of listed) checkAudience(word, known, problems);
    for (const { text, span } of hasList ? listed : scopes) {
      const server = known.clients.get(text);
      if (server === undefined || server === client) continue;
      const namings = audiences.get(server) ?? [];
      audiences.set(server, namings);
      namings.push({ client, span });
    }
  }
  for (const [server, namings] of audiences) checkToken(all, server, namings, problems);
  return audiences;
}

export function knownNames(declarations: Declarations, { incomplete, suggestions, moves }: AudienceOptions): Known {
  const clients = new Map<string, ApplicationAddress>();
  let complete = !incomplete;
  for (const [address, declaration] of declarations.applications) {
    const written: unknown = (declaration.value as { client_id?: unknown } | null)?.client_id;
    // Which client_id was meant is unknown, so no other name can be said to be wrong.
    if (written !== undefined && typeof written !== 'string') complete = false;
    const client_id = typeof written === 'string' ? written : declaration.name;
    if (!clients.has(client_id)) clients.set(client_id, address);
    // Who names it so is right once it is written.
    const kept = moves.identities.get(address);
    if (kept !== undefined && !clients.has(kept)) clients.set(kept, address);
  }
  return { clients, declarations, complete, suggestions, moves };
}

/** Tells of a value of `scope` that is nothing known. `hasList`: audiences stand elsewhere. */
export function checkScope(word: Word, hasList: boolean, known: Known, problems: Diagnostic[]): void {
  const { text, span } = word;
  if (isRegisteredScope(text) || known.declarations.scopes.has(text)) return;
  if (known.clients.has(text)) {
    if (!hasList) return;
    problems.push(
      report('reference.unknown', {
        variant: 'scope',
        detail: `where aud is written, scope holds scopes only, and ${text} is an application`,
        help: `Move ${text} to aud, or remove aud.`,
        range: rangeOf(span),
      }),
    );
    return;
  }
  const names = [...known.declarations.scopes.keys(), ...(hasList ? [] : known.clients.keys()), ...REGISTERED_SCOPES];
  const what = hasList ? 'no scope of the catalogue' : 'no server application and no scope of the catalogue';
  tellUnknown('scope', word, `${what} is called "${text}"`, names, known, problems);
}

/** Tells of a client_id that no application has. */
export function checkAudience(
  word: Word,
  known: Known,
  problems: Diagnostic[],
  variant: 'audience' | 'application' = 'audience',
): void {
  if (known.clients.has(word.text)) return;
  tellUnknown(variant, word, `no application has client_id "${word.text}"`, known.clients.keys(), known, problems);
}

const INSTEAD = {
  scope: 'Server applications are named by client_id; other scopes are declared under scopes: of a server document.',
  audience: 'Applications are named by client_id.',
  application: 'Write the client_id of an application.',
  subject: 'By client_credentials the subject is the client_id of the client, else the sub of the user.',
  site: 'Sites are declared by site: NAME.',
  claim: 'Claims are released by policies, in items: [{ name: NAME, value: … }].',
  user: 'Write Site/Name of a user.',
} as const;

/** What is called by no client_id. */
const NO_APPLICATION: ReadonlySet<keyof typeof INSTEAD> = new Set(['user', 'site', 'claim']);

/** Tells of a word that nothing is called by, and what may have been meant. */
export function tellUnknown(
  variant: keyof typeof INSTEAD,
  { text, span }: Word,
  detail: string,
  candidates: Iterable<string>,
  known: Known,
  problems: Diagnostic[],
  declaredAs: (near: string) => Declaration<unknown> | undefined = () => undefined,
): void {
  if (!known.complete) return;
  const { applications, scopes } = known.declarations;
  const moved = movedTo(variant, text, known);
  const called = NO_APPLICATION.has(variant)
    ? undefined
    : [...applications.values()].find(({ name, site }) => text === name || text === `${site}/${name}`);
  const client_id = called && clientIdOf(called);
  const near = known.suggestions.nearest(text, candidates);
  const address = near === undefined ? undefined : known.clients.get(near);
  const declared =
    near === undefined ? undefined : (address && applications.get(address)) || scopes.get(near) || declaredAs(near);
  const meant = client_id ?? moved?.text ?? (near !== undefined && isSlip(text, near) ? near : undefined);
  const range = rangeOf(span);
  problems.push(
    report('reference.unknown', {
      variant,
      detail,
      help:
        client_id !== undefined
          ? `The client_id of application ${called?.name} is ${client_id}: write that.`
          : moved !== undefined
            ? moved.help
            : near !== undefined && declared !== undefined
              ? didYouMean(declared, near).help
              : near !== undefined
                ? `Did you mean "${near}"?`
                : INSTEAD[variant],
      range,
      fixes: meant === undefined ? [] : [{ title: `Write ${meant}`, edits: [{ range, text: meant }] }],
    }),
  );
}

/** What is written now for a scope or an application that was called so before it was moved. */
function movedTo(
  variant: keyof typeof INSTEAD,
  text: string,
  { moves, declarations }: Known,
): { readonly help: string; readonly text: string } | undefined {
  const scope = variant === 'scope' ? moves.of(scopeAddress(text)) : undefined;
  const moved = scope ?? (NO_APPLICATION.has(variant) ? undefined : moves.ofApplication(text));
  if (moved === undefined) return undefined;
  const now =
    scope === undefined ? (moves.identities.get(moved.to) ?? clientIdAt(declarations, moved.to)) : nameOf(moved.to);
  return { help: `The ${moved.words}: write ${scope === undefined ? 'its client_id, ' : ''}${now}.`, text: now };
}

function clientIdAt(declarations: Declarations, address: Address): string {
  return clientIdOf(declarationAt(declarations, address) as Declaration<{ client_id?: string }>);
}

function clientIdOf(declaration: Declaration<{ client_id?: string }>): string {
  return declaration.value.client_id ?? declaration.name;
}

/** An audience is asked for in scope, so its client_id must be able to stand there. */
function checkToken(all: Bound, server: ApplicationAddress, namings: readonly Naming[], problems: Diagnostic[]): void {
  const entity = all.entities.get(server) as ApplicationEntity | undefined;
  const [naming] = namings;
  if (entity === undefined || naming === undefined || SCOPE_TOKEN.test(entity.client_id)) return;
  problems.push(
    report('client-id.not-a-scope-token', {
      detail: `${nameOf(server)} is an audience of ${qualifiedName(naming.client)}, and ${JSON.stringify(entity.client_id)} is no scope token`,
      help: 'Write a client_id without spaces, " and \\.',
      range: rangeIn(all, server, '/client_id'),
      address: server,
      related: [{ message: 'it is named as an audience here', range: rangeOf(naming.span) }],
    }),
  );
}

/** The values of a scope, which is one text with spaces between, or a list. */
export function wordsOf(node: Node | undefined): readonly Word[] {
  if (node?.type === 'list') return node.items.flatMap((item) => wordsOf(item));
  if (node?.type !== 'scalar' || typeof node.value !== 'string') return [];
  return [...node.value.matchAll(/[^ ]+/g)].map((match) => ({
    text: match[0],
    span: spanWithin(node, match.index, match[0].length),
  }));
}
