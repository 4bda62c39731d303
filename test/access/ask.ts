// Owns short forms for tests that ask about access. Never decides.

import { type AccessIndex, indexState } from '../../src/access/access-index.ts';
import { decide } from '../../src/access/decide.ts';
import type { AudienceAnswer, Decision, Refusal } from '../../src/access/decision.ts';
import type { ReasonCode } from '../../src/access/reason.ts';
import type { ApplicationAddress, UserAddress } from '../../src/model/address.ts';
import type { State } from '../../src/model/state.ts';
import { CLIENT1, LOGIN, USER1 } from '../model/example-state.ts';

export interface Asked {
  readonly client?: ApplicationAddress;
  readonly grant_type?: string;
  readonly ip?: string;
  readonly user?: UserAddress;
  readonly method?: string;
  readonly consented?: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now?: number;
}

/** What Client1 (or another) is answered that asks for this scope; undefined asks for none. */
export function ask(state: State | AccessIndex, scope: string | undefined, asked: Asked = {}): Decision | Refusal {
  const index = 'groupsOf' in state ? state : indexState(state);
  const { client = CLIENT1, grant_type = 'client_credentials', now = 0, ...others } = asked;
  return decide(
    index,
    { ...others, grant_type, client, scope: scope?.split(' ').filter((value) => value !== '') },
    now,
  );
}

/** The same by a grant with a user: User1 (or another) who logged in by a password. */
export function logIn(state: State | AccessIndex, scope: string | undefined, asked: Asked = {}): Decision | Refusal {
  return ask(state, scope, { grant_type: 'authorization_code', user: USER1, method: LOGIN, ...asked });
}

/** The decision; fails the test when it is a refusal. */
export function allowed(answer: Decision | Refusal): Decision {
  if (!answer.allowed) throw new Error(`refused: ${answer.description}`);
  return answer;
}

/** The refusal; fails the test when access was given. */
export function refused(answer: Decision | Refusal): Refusal {
  if (answer.allowed) throw new Error(`allowed: ${answer.audiences.join(' ')}`);
  return answer;
}

/** The code that was told for one audience, or `granted`. */
export function codeOf(answers: readonly AudienceAnswer[], audience: string): ReasonCode | 'granted' {
  const answer = answers.find((one) => one.audience === audience);
  if (answer === undefined) throw new Error(`nothing was said about ${audience}`);
  return answer.granted ? 'granted' : answer.code;
}
