// Owns the words of pictures: how nodes, links and steps are called. The same in every format. Never escapes: each format does.

import type { Step } from '../access/decision.ts';
import { type Address, kindOf, nameOf, qualifiedName, siteOf } from '../model/address.ts';
import { count } from '../model/count.ts';
import type { GraphRelation } from './graph.ts';
import type { GraphAnswer } from './graph-answer.ts';
import { stepWords as stepClause } from './link-words.ts';
import type { NodeKind, Picture, PictureEdge, PictureNode } from './picture.ts';
import { fromWords } from './via.ts';

const NOUNS: Readonly<Record<NodeKind, readonly [one: string, many: string]>> = {
  client: ['client', 'clients'],
  server: ['server', 'servers'],
  both: ['client and server', 'clients and servers'],
  application: ['application', 'applications'],
  user: ['user', 'users'],
  group: ['group', 'groups'],
  everyone: ['built-in group', 'built-in groups'],
  scope: ['scope', 'scopes'],
  resource: ['resource', 'resources'],
  role: ['role', 'roles'],
  site: ['site', 'sites'],
  sites: ['sites', 'sites'],
};

export function nounOf(kind: NodeKind): string {
  return NOUNS[kind][0];
}

/** What a node is called in a picture in which its site is told beside it: `Client1`, `12 users`, `Payments`. */
export function labelOf({ members, kind, site }: PictureNode): string {
  const [only, second] = members;
  if (kind === 'site') return site ?? '';
  if (kind === 'sites') return count(new Set(members.map(siteOf)).size, 'more site');
  if (only !== undefined && second === undefined) return nameOf(only);
  return count(members.length, ...NOUNS[kind]);
}

/** What stands below the label: what it is, or who is in it. */
export function sublabelOf(node: PictureNode, { graph }: Picture): string {
  const { kind, members, off } = node;
  const [only, second] = members;
  if (kind === 'site' || kind === 'sites') return count(members.length, 'entity', 'entities');
  if (only !== undefined && second !== undefined) return members.map(nameOf).join(', ');
  const entity = only === undefined ? undefined : graph.entities.get(only);
  if (kind === 'everyone') return `all users of ${node.site ?? ''}`;
  return `${nounOf(kind)}${off && entity?.off !== undefined ? `, ${entity.off}` : ''}`;
}

const VERBS: Readonly<Record<GraphRelation, string>> = {
  impersonates: 'acts as',
  member_of: 'is in',
  open_to: 'opens',
  access_rule: 'access rule',
  may_ask_for: 'may ask for',
  may_use: 'may use',
  has_role: 'has the role',
  contains: 'contains',
  requires: 'opens',
};

/** What an edge says, with how many links it stands for where these are several, and its end. */
export function edgeWords(edge: PictureEdge): string {
  return `${verbOf(edge)}${endOf(edge, ' ')}`;
}

/** The same with what it is between: `cy is in staff, until 2030-01-01`. */
export function edgeSentence(edge: PictureEdge, from: string, to: string): string {
  return `${from} ${verbOf(edge)} ${to}${endOf(edge, ', ')}`;
}

function verbOf({ relation, links }: PictureEdge): string {
  return `${VERBS[relation]}${links.length > 1 ? ` ×${links.length}` : ''}`;
}

function endOf({ links, ended }: PictureEdge, before: string): string {
  const [only, second] = links;
  const end = only?.expires === undefined || second !== undefined ? '' : `${before}until ${only.expires}`;
  return `${end}${ended ? ' (ended)' : ''}`;
}

/** A list that is too long ends after a name; one name alone is cut. */
export function shorten(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const begin = text.slice(0, longest - 1);
  const border = begin.lastIndexOf(', ');
  return border > 0 ? `${begin.slice(0, border)}, …` : `${begin}…`;
}

/** One link of an answer in a sentence, with sites: `Orders/checkout acts as Orders/checkout-service`. */
export function stepWords(step: Step): string {
  // A picture is passed around: which values a user has is not in it.
  if (step.value !== undefined) return `${speak(step.from)} has a value for ${step.value.name} by ${speak(step.to)}`;
  return stepClause(step, {
    name: (address) => (kindOf(address) === 'site' ? qualifiedName(address) : speak(address)),
  });
}

/** `method service`, `scope refund`, `Orders/checkout`. */
export function speak(address: Address): string {
  const kind = kindOf(address);
  return kind === 'method' ||
    kind === 'scope' ||
    kind === 'resource' ||
    kind === 'role' ||
    kind === 'customer' ||
    kind === 'policy' ||
    kind === 'site'
    ? `${kind} ${qualifiedName(address)}`
    : qualifiedName(address);
}

/** `Orders/checkout for Orders/ada gets Payments/ledger-api, only from 10.0.0.0/8`, or `… does not get …`. */
export function answerWords({ asker, target, granted, networks }: GraphAnswer): string {
  const user = asker.user === undefined ? '' : ` for ${speak(asker.user)}`;
  const verb = granted ? 'gets' : 'does not get';
  const what = asker.client === target ? 'a token for itself' : speak(target);
  return [`${speak(asker.client)}${user} ${verb} ${what}`, ...fromWords(networks)].join(', ');
}
