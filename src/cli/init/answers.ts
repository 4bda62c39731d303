// Owns the questions of `charter init`: what is asked, what an answer may be, and what holds without one. Never writes.

import { NAME_PATTERN } from '../../model/address.ts';
import { Failure } from '../../model/failure.ts';
import { isRegisteredScope } from '../../model/registered-scope.ts';
import { compile } from '../../spec/compile.ts';

export interface Answers {
  readonly issuer: string;
  readonly site: string;
  readonly client: string;
  readonly ci: string;
}

/** As the options of the command line; what is not there is asked, or has its default. */
export type Given = Partial<Answers>;

interface Question {
  readonly key: keyof Answers;
  readonly text: string;
  readonly default: string;
  /** Why an answer will not do, in a sentence; undefined when it will. */
  fault(answer: string): string | undefined;
}

export const CI_SYSTEMS: readonly string[] = ['github', 'gitlab', 'none'];

const QUESTIONS: readonly Question[] = [
  { key: 'issuer', text: 'URL of the server (issuer)', default: 'http://localhost:8080', fault: issuerFault },
  { key: 'site', text: 'Name of the first site, such as a team', default: 'Example', fault: nameFault },
  { key: 'client', text: 'Name of the first client', default: 'Client1', fault: clientFault },
  { key: 'ci', text: `CI (${CI_SYSTEMS.join(', ')})`, default: 'github', fault: ciFault },
];

/**
 * The answers. `ask` is called with each open question and again after a bad answer; without it the defaults hold. Throws
 * Failure `usage` for an option that will not do.
 *
 * @param tell why an answer will not do
 */
export async function collectAnswers(
  given: Given,
  ask: ((question: string) => Promise<string>) | undefined,
  tell: (fault: string) => void,
): Promise<Answers> {
  const answers: Record<keyof Answers, string> = { issuer: '', site: '', client: '', ci: '' };
  const open: Question[] = [];
  // All options first: who mistyped the last one is not asked the others before it is told.
  for (const question of QUESTIONS) {
    const answer = given[question.key];
    const fault = answer === undefined ? undefined : question.fault(answer);
    if (fault !== undefined) throw new Failure('usage', `--${question.key}: ${fault}`);
    answers[question.key] = answer ?? question.default;
    if (answer === undefined) open.push(question);
  }
  if (ask === undefined) return answers;
  for (const question of open) {
    for (;;) {
      const answer = (await ask(`${question.text} [${question.default}]: `)).trim() || question.default;
      const fault = question.fault(answer);
      answers[question.key] = answer;
      if (fault === undefined) break;
      tell(fault);
    }
  }
  return answers;
}

/** By the compiler itself, so that what init takes is what validate takes. */
function issuerFault(issuer: string): string | undefined {
  const text = JSON.stringify({ server: { issuer } });
  const problem = compile([{ path: 'server.yaml', text }]).diagnostics.find(({ severity }) => severity === 'error');
  return problem && sentence(problem.detail, problem.help);
}

function sentence(detail: string, help = ''): string {
  return `${detail.charAt(0).toUpperCase()}${detail.slice(1)}. ${help}`.trim();
}

function nameFault(name: string): string | undefined {
  if (NAME_PATTERN.test(name)) return undefined;
  return 'A name begins with a letter, a digit or _ and goes on with those and . @ + ~ -';
}

function clientFault(name: string): string | undefined {
  if (isRegisteredScope(name)) return `${name} is a scope of the protocol, which no client can be called.`;
  return nameFault(name);
}

function ciFault(system: string): string | undefined {
  return CI_SYSTEMS.includes(system) ? undefined : `One of ${CI_SYSTEMS.join(', ')} is expected.`;
}
