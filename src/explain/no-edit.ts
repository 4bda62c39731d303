// Owns why no edit would turn a no into a yes, and what to ask instead. Never looks for edits.

import type { Question } from '../access/decision.ts';
import { REASONS } from '../access/reason.ts';
import { kindOf } from '../model/address.ts';
import { methodServes } from '../model/grant-type.ts';
import type { Naming } from '../plan/naming.ts';
import { escapeControls } from '../plan/style.ts';
import { nearest } from '../spec/nearest.ts';
import { ask, type Obstacle, obstaclesOf, strangerOf } from './asking.ts';
import { otherGrantWords } from './link-words.ts';
import type { World } from './world.ts';

/** What no edit of the spec gives: the request is another one, or the spec forbids it. */
export function whyNone(world: World, question: Question, naming: Naming, refused: string | undefined): string {
  const { index, now } = world;
  const [obstacle] = obstaclesOf(index, question, ask(index, question, now));
  if (refused !== undefined) return `No edit would allow it: the spec would be refused by ${escapeControls(refused)}.`;
  const client = naming.name(question.client);
  if (obstacle === undefined) return 'Nothing was found that would allow it';
  switch (obstacle.code) {
    case 'GRANT_UNKNOWN':
      return `No grant is called ${escapeControls(question.grant_type)}: no spec can give it`;
    case 'CLIENT_IS_PUBLIC':
      return `${client} is public: it cannot prove who it is, and a secret of its own is another client`;
    case 'USER_MISSING':
      return `Name the user who lets ${client} act: --user NAME`;
    case 'SCOPE_NOT_ALLOWED':
      return nothingCalled(world, strangerOf(index, question) ?? '');
    case 'METHOD_NOT_ON_APPLICATION':
      return ofAnotherGrant(world, question, obstacle, client) ?? noneFound(obstacle);
    default:
      return noneFound(obstacle);
  }
}

function noneFound({ code }: Obstacle): string {
  return `No few edits were found that would allow it: ${REASONS[code]}`;
}

/** The method that is asked about serves another grant: what to ask about instead. */
function ofAnotherGrant(world: World, question: Question, obstacle: Obstacle, client: string): string | undefined {
  const { grant_type } = question;
  if (otherGrantWords(obstacle, question, world) === undefined) return undefined;
  const { index } = world;
  const serving = (index.application(question.client)?.methods ?? []).filter((name) => {
    const type = index.method(name)?.type;
    return type !== undefined && methodServes(type, grant_type);
  });
  const grant = escapeControls(grant_type);
  if (serving.length === 0) return `Ask without --method: ${client} lists no method that serves ${grant}`;
  return `Ask about a method that serves ${grant}: ${client} lists ${serving.map(escapeControls).join(', ')}`;
}

function nothingCalled({ index }: World, value: string): string {
  const names = [...index.state].flatMap(([address, entity]) =>
    entity.kind === 'application' ? [entity.client_id] : kindOf(address) === 'scope' ? [address.slice(6)] : [],
  );
  const near = nearest(value, names);
  const meant = near === undefined ? '' : ` Did you mean ${escapeControls(near)}?`;
  return `No application and no scope is called ${escapeControls(value)}.${meant}`;
}
