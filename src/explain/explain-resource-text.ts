// Owns the text of whether a client gets through to a resource, and what is missing. Never finds out.

import type { Place } from '../access/decision.ts';
import { REASONS } from '../access/reason.ts';
import { bindsAddress } from '../access/token-address.ts';
import { nameOf } from '../model/address.ts';
import { count } from '../model/count.ts';
import { bearerRulesOf, isCondition } from '../model/settings.ts';
import { EMPTY_LINE, type Line, plainLine } from '../plan/columns.ts';
import { speakResourceRule } from '../plan/resource-words.ts';
import { escapeControls } from '../plan/style.ts';
import { codeOf, type ResourceExplanation, type ResourceGrant } from './explain-resource.ts';
import { stepLine } from './link-words.ts';
import { circumstancesOf, clientWords, linkLines, missingPart, type Telling } from './telling.ts';
import { BOUND, fromWords, untilWords } from './via.ts';

export function resourceLines(explanation: ResourceExplanation, telling: Telling): readonly Line[] {
  return explanation.grants.flatMap((grant, position) => [
    ...(position === 0 ? [] : [EMPTY_LINE]),
    ...grantLines(grant, explanation, telling),
  ]);
}

function grantLines(grant: ResourceGrant, explanation: ResourceExplanation, telling: Telling): readonly Line[] {
  const { asked, granted, chain, users, networks, answer } = grant;
  const { world, naming, full } = telling;
  const client = clientWords({ ...explanation, grants: [] }, telling);
  const what = `resource ${escapeControls(nameOf(explanation.resource))}${circumstancesOf(asked, telling)}`;
  const scope = asked.scope === undefined ? '' : ` with ${asked.scope.map(escapeControls).join(' ')}`;
  const steps = chain.filter(({ relation, at }) => full || relation !== 'has_method' || isOfRule(at));
  const links = linkLines(
    [...new Map(steps.map((step) => stepLine(step, world, naming)).map((line) => [line.text, line])).values()],
    telling,
  );
  const limits = granted ? [...untilWords(answer?.until), ...fromWords(networks), ...boundWords(grant, telling)] : [];
  if (users !== undefined) {
    const some =
      users.passed === users.total
        ? `all ${count(users.total, 'user')}`
        : `${users.passed} of ${count(users.total, 'user')}`;
    const who = users.passed === 0 ? 'nobody' : some;
    const refused = users.refused.map(({ code, users: those }) => `${code} ${those}`);
    return [
      heading(users.passed > 0, `${client} may use ${what}${scope}, for ${who}`),
      ...(refused.length === 0 ? [] : [plainLine(`not: ${refused.join(', ')}`, INDENT)]),
      ...(users.passed > 0 ? links.slice(-1) : missingPart(missing(grant, explanation, telling), telling)),
      EMPTY_LINE,
      plainLine('--user NAME tells of one user, link by link'),
    ];
  }
  if (granted) {
    const asksFor = grant.question.scope;
    return [
      heading(true, `${client} may use ${what}${scope}`),
      ...links,
      ...(asksFor === undefined
        ? []
        : [plainLine(`with a token for ${asksFor.map(escapeControls).join(' ')}`, INDENT)]),
      ...(limits.length === 0 ? [] : [plainLine(limits.join(', '), INDENT)]),
    ];
  }
  return [
    heading(false, `${client} may not use ${what}${scope} (${codeOf(grant)})`),
    ...links,
    ...missingPart(missing(grant, explanation, telling), telling),
  ];
}

/** Nothing where the token may be used for whoever it is. */
function boundWords({ question }: ResourceGrant, { world }: Telling): readonly string[] {
  return bindsAddress(world.index, question) ? [BOUND] : [];
}

const INDENT = 4;

function heading(isYes: boolean, text: string): Line {
  return { indent: 0, sign: isYes ? '✓' : '✗', text, tone: 'heading' };
}

function isOfRule({ pointer }: Place): boolean {
  return pointer.startsWith('/access_rules');
}

/** What the resource asks for, and last what is missing. */
function missing(
  grant: ResourceGrant,
  { resource, client_id }: ResourceExplanation,
  { world, naming }: Telling,
): readonly { readonly text: string; readonly at: Place | undefined }[] {
  const { decision, answer, question } = grant;
  const entity = world.index.resources.entities.get(resource);
  if (!decision.allowed) return [{ text: decision.description, at: decision.missing }];
  if (entity === undefined || answer === undefined || answer.passed) return [];
  const speak = (text: string) => escapeControls(text);
  const rules = bearerRulesOf(entity).map(({ rule, pointer }) => ({
    text: `it takes ${speakResourceRule(rule, naming, speak)}`,
    at: { address: resource, pointer },
  }));
  const { code, missing: at } = answer;
  const one = (text: string) => ({ text, at });
  switch (code) {
    case 'RESOURCE_AUDIENCE':
      return [...rules, one(`the token is for ${decision.audiences.map(speak).join(', ')}`)];
    case 'RESOURCE_CLIENT':
      return [...rules, one(`no rule is about tokens of ${speak(client_id)}`)];
    case 'RESOURCE_SCOPE': {
      const held = decision.scopes.length === 0 ? 'no scope' : decision.scopes.map(speak).join(' ');
      const [, rule = ''] = /^(\/access_rules\/\d+)/.exec(at?.pointer ?? '') ?? [];
      return [...rules.filter((told) => told.at.pointer === rule), one(`the token holds ${held}`)];
    }
    case 'RESOURCE_CONDITION': {
      const position = Number(/^\/access_rules\/(\d+)$/.exec(at?.pointer ?? '')?.[1]);
      const rule = at?.address === resource ? entity.access_rules[position] : undefined;
      if (rule === undefined || !isCondition(rule)) return [one('a membership that it asks for has ended')];
      if ('ip' in rule)
        return [
          one(
            `it is open ${fromWords([rule.ip])
              .join('')
              .replace(/^only /, '')} only`,
          ),
        ];
      if (decision.user === undefined) return [one('it asks for a user, and no user is behind the token')];
      return 'group' in rule
        ? [one(`${naming.name(decision.user)} is not in ${naming.name(rule.group)}, as it asks for`)]
        : [
            one(
              `${naming.name(decision.user)} logged in by ${speak(decision.method)}, and it asks for ${speak(rule.method)}`,
            ),
          ];
    }
    case 'CLIENT_IP_NOT_ALLOWED':
      return [one(`${naming.name(question.client)} may not call from ${speak(question.ip ?? '')}`)];
    case 'TOKEN_IP_MISMATCH':
    case 'RESOURCE_UNKNOWN':
      return [one(REASONS[code])];
  }
}
