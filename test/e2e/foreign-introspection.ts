// Owns the question of the application `api` about a token that it was shown. Never asked by the libraries that are tested.

import { basic, post } from './charter.ts';
import { SECRET, type Served } from './foreign-spec.ts';

/** The answer of introspection. */
export async function introspected({ workspace }: Served, token: string): Promise<Record<string, unknown>> {
  const { body } = await post(workspace, '/introspect', { token }, basic('api', SECRET));
  return body;
}
