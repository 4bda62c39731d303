// Owns the token half of a plan: what the requests of the spec's tests get before and after it, as a token says it.
// Never decides what that is: both sides are asked of src/access, at one instant.

import type { AccessIndex } from '../access/access-index.ts';
import { tokenClaims } from '../access/token-content.ts';
import { type AccessTest, renameIn, requestOf, type TestRequest } from '../model/access-test.ts';
import { canonicalJson } from '../model/digest.ts';
import { askFor } from './judge-request.ts';
import type { TokenChange, TokenContent } from './plan.ts';
import type { Sides } from './run-tests.ts';

/**
 * The requests whose token is another after the plan, in the order of the tests, each once. A request that a test denies
 * counts only where a token comes or goes. `now` in milliseconds since the epoch, the same for both sides.
 */
export function diffTokens(tests: readonly AccessTest[], sides: Sides, now: number): readonly TokenChange[] {
  const asked = new Set<string>();
  const told = new Set<string>();
  return tests.flatMap(({ assertion }) => {
    const request = requestOf(assertion);
    if (request === undefined) return [];
    const requestBefore = requestOf(renameIn(assertion, sides.nameBefore)) ?? request;
    const isDenied = assertion.kind === 'deny';
    const key = canonicalJson([request, isDenied]);
    if (asked.has(key)) return [];
    asked.add(key);
    const change = diffRequest(request, requestBefore, sides, now);
    const comesOrGoes = (change?.before === undefined) !== (change?.after === undefined);
    if (change === undefined || (isDenied && !comesOrGoes)) return [];
    // From two addresses, or denied by one test and allowed by another: it is one change.
    const content = canonicalJson(change);
    return told.has(content) || told.add(content) === undefined ? [] : [change];
  });
}

function diffRequest(
  request: TestRequest,
  requestBefore: TestRequest,
  sides: Sides,
  now: number,
): TokenChange | undefined {
  const before = sides.before === undefined ? NOTHING : sideOf(sides.before, requestBefore, now);
  const after = sideOf(sides.after, request, now);
  if (canonicalJson(before.token ?? null) === canonicalJson(after.token ?? null)) return undefined;
  const { client, grant_type, user, scope } = request;
  return {
    client,
    client_id: after.client_id ?? before.client_id ?? '',
    grant_type,
    ...(user === undefined ? {} : { user }),
    scope,
    before: before.token,
    after: after.token,
    refused: after.token === undefined ? after.refused : before.refused,
  };
}

interface Side {
  readonly client_id: string | undefined;
  readonly token: TokenContent | undefined;
  /** The reason code where there is no token; undefined also where there is no client to refuse. */
  readonly refused: string | undefined;
}

const NOTHING: Side = { client_id: undefined, token: undefined, refused: undefined };

function sideOf(index: AccessIndex, request: TestRequest, now: number): Side {
  const client_id = index.application(request.client)?.client_id;
  if (client_id === undefined) return NOTHING;
  const answer = askFor(index, request, request.scope, now);
  if (!answer.allowed) return { client_id, token: undefined, refused: answer.code };
  return { client_id, token: { claims: { ...tokenClaims(answer) }, lifetime: answer.lifetime }, refused: undefined };
}
