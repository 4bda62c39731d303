// Owns `charter token`. Never signs: it reads names, asks, and tells what a token would say.

import { grantsOf } from '../explain/explain.ts';
import { showToken } from '../explain/token.ts';
import { tokenAnswerLines } from '../explain/token-text.ts';
import { Failure } from '../model/failure.ts';
import { GRANT_TYPES_WITH_USER } from '../model/grant-type.ts';
import type { ExitCode } from './exit-code.ts';
import { type ClientOptions, readQuestion } from './explain.ts';
import { answerQuestion } from './tell-answer.ts';
import type { Terminal } from './terminal.ts';

export async function token(client: string, options: ClientOptions, terminal: Terminal): Promise<ExitCode> {
  return await answerQuestion(options, terminal, ({ world, naming }) => {
    const asked = readQuestion(world.index.state, client, options);
    const [grant_type = '', ...others] = grantsOf(world, asked);
    if (others.length > 0) {
      throw new Failure(
        'usage',
        `${client} has several grants. Say by which: --grant ${[grant_type, ...others].join(' or ')}.`,
      );
    }
    if (GRANT_TYPES_WITH_USER.includes(grant_type) && asked.user === undefined) {
      throw new Failure(
        'usage',
        `By ${grant_type} a user lets the client act, and the token is about that one: --user NAME.`,
      );
    }
    const answer = showToken(world, { ...asked, grant_type }, naming);
    return { told: { kind: 'token', answer }, lines: (telling) => tokenAnswerLines(answer, telling) };
  });
}
