// Owns the authorization endpoint (RFC 6749 3.1, OpenID Connect Core 3.1.2.1): from parameters to a request that can be proceeded
// with, and where what is wrong with it is told. The steps after that are in authorize.ts.

import { Failure } from '../model/failure.ts';
import { redirectedError } from './authorization-answer.ts';
import { readRequest } from './authorization-request.ts';
import { readTarget, type Target } from './authorization-target.ts';
import { proceed, type Underway } from './authorize.ts';
import { bounce } from './bounce.ts';
import { pageUrl } from './brand.ts';
import type { Answer, Context, Endpoint, EndpointRequest } from './endpoint.ts';
import { describe } from './error.ts';
import { readPairs } from './form.ts';
import { defineEndpoint, type Note, refusalOf } from './handling.ts';
import { type Carried, carriedBy } from './interaction.ts';
import { issuerOf } from './snapshot.ts';

/** Takes the query of a GET, or the form of a POST, as its form. */
export const authorizationEndpoint: Endpoint = defineEndpoint('authorization', async (asked, context, note) => {
  const carried = carriedBy(asked.form);
  return withRequest(carried, asked, context, note, async (underway) => {
    if (asked.method === 'POST') {
      return bounce(pageUrl(asked, context.snapshot, 'authorization'), carried.text);
    }
    return proceed(underway);
  });
});

/**
 * Reads and checks the request, then goes on with it. Whatever is refused or fails once it is known who asks is told to the
 * client by redirect, bugs included (RFC 6749 4.1.2.1 server_error); before that it is a page.
 */
export async function withRequest(
  carried: Carried,
  asked: EndpointRequest,
  context: Context,
  note: Note,
  goOn: (underway: Underway) => Promise<Answer>,
): Promise<Answer> {
  const { snapshot, now } = context;
  const { form, repeated } = readPairs(carried.pairs);
  note({ client_id: form.get('client_id')?.slice(0, 256) });
  const target = readTarget(form, repeated, snapshot, now);
  note({ client: target.client });
  try {
    const request = await readRequest({ target, form, repeated, snapshot, family: asked.family, now });
    if ('error' in request) throw redirectedError(target, issuerOf(snapshot), request);
    return await goOn({ request, carried, asked, context, note });
  } catch (thrown) {
    throw toldByRedirect(thrown, target, context);
  }
}

function toldByRedirect(thrown: unknown, target: Target, { snapshot }: Context): unknown {
  const issuer = issuerOf(snapshot);
  const known = refusalOf(thrown);
  // What is ours to tell the user, a form of a stranger for one, stays a page.
  if (known !== undefined && !(thrown instanceof Failure)) return known;
  if (known !== undefined) return redirectedError(target, issuer, known);
  return redirectedError(target, issuer, {
    error: 'server_error',
    description: describe('SERVER_ERROR'),
    cause: thrown,
  });
}
