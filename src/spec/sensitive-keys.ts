// Owns which keys of a source text announce a secret, misspelt ones included. Never looks at what stands behind them.

import { distance } from 'fastest-levenshtein';
import { DOCUMENT_SCHEMAS } from './document-schemas.ts';

const WORDS =
  /secret|seceret|secert|passw|passphrase|token|credential|(?:api|private|secret|access|signing)[_.-]?key|\bjwks?\b|\bpin\b/;

/** Names that are a secret's wherever they stand, an entity's name included. */
const EXACT =
  /^(?:client[_.-]?|app[_.-]?|my[_.-]?)?(?:secrets?|secret[_.-]?key|password|passwd|passphrase|token|api[_.-]?key|private[_.-]?key|credentials?)$/;

const OF_SECRETS: ReadonlySet<string> = new Set(['secret', 'secrets', 'password', 'jwks']);

/** The keys of all schemas, those of secrets apart: `tokens` and `token_endpoint_auth_method` hold none. */
let schemaKeys: ReadonlySet<string> | undefined;

/** Found when it is first asked for: most keys need no second look. */
function isOfSchema(key: string): boolean {
  schemaKeys ??= keysOf(Object.values(DOCUMENT_SCHEMAS), new Set());
  return schemaKeys.has(key);
}

function keysOf(schema: unknown, into: Set<string>): Set<string> {
  if (typeof schema !== 'object' || schema === null) return into;
  for (const [key, member] of Object.entries(schema)) {
    if (key === 'properties') for (const name of Object.keys(member)) if (!OF_SECRETS.has(name)) into.add(name);
    if (key !== 'examples') keysOf(member, into);
  }
  return into;
}

/** Whether a key says, alone or with other words, that its value is a secret. */
export function isSensitive(key: string): boolean {
  const folded = key.toLowerCase();
  return (WORDS.test(folded) || isSecretMisspelt(folded)) && !isOfSchema(folded);
}

/** Whether a key is nothing but the name of a secret: no application is called so. */
export function isExactlySecret(key: string): boolean {
  const folded = key.toLowerCase();
  return EXACT.test(folded) || isSecretMisspelt(folded);
}

/** Words of the engine's own: to hide them in a sentence would only garble it. */
export function isOwnWord(word: string): boolean {
  return (
    /^(?:secret|client|password|hash|text|list|true|false|null|name|write|argon2(?:id|i|d))$/i.test(word) ||
    isOfSchema(word)
  );
}

function isSecretMisspelt(folded: string): boolean {
  return folded.length >= 4 && folded.length <= 9 && distance(folded, 'secret') <= 2;
}
