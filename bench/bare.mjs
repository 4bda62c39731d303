// Owns the ceilings of the token endpoint: node:http with a constant answer, and the least that a Fastify application can do to
// answer with a JWT that is signed as fast as Node signs, many in one turn of the event loop. Prints its port. Never measures.
//
//   node bench/bare.mjs constant | token SECRET

import { createHash, generateKeyPairSync, randomBytes, sign, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import { parse } from 'node:querystring';
import Fastify from 'fastify';

const [, , subject, secret] = process.argv;
// Ends as programs end, so that a profiler may write what it saw.
process.on('SIGTERM', () => process.exit(0));

const ISSUER = 'http://localhost:8080';
const LIFETIME = 3600;

if (subject === 'constant') {
  // As long as an answer with a token.
  const body = JSON.stringify({ access_token: 'x'.repeat(640), token_type: 'Bearer', expires_in: LIFETIME });
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
  });
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
} else {
  const app = Fastify({ routerOptions: { querystringParser: () => ({}) } });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
    done(null, parse(body)),
  );
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const header = base64url(
    JSON.stringify({ alg: 'ES256', typ: 'at+jwt', kid: 'c2lnbmluZy1rZXktb2YtdGhlLWJlbmNobWFyay0wMTI' }),
  );
  const clients = new Map([['Client1', { digest: sha256(secret), audiences: ['Server1', 'Server2', 'Client1'] }]]);

  app.post('/token', (request, reply) => {
    const { grant_type, client_id, client_secret, scope } = request.body;
    const client = clients.get(client_id);
    const isKnown = client !== undefined && timingSafeEqual(client.digest, sha256(client_secret));
    if (grant_type !== 'client_credentials' || !isKnown) return reply.code(401).send({ error: 'invalid_client' });
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: ISSUER,
      sub: client_id,
      aud: client.audiences,
      client_id,
      scope,
      impersonates: 'Example/User1',
      iat: now,
      exp: now + LIFETIME,
      jti: randomBytes(16).toString('base64url'),
      gen: 1,
    };
    queue(`${header}.${base64url(JSON.stringify(claims))}`, reply);
  });

  const waiting = [];
  const queue = (input, reply) => {
    waiting.push({ input, reply });
    if (waiting.length === 1) setImmediate(answerAll);
  };
  const answerAll = () => {
    const turn = waiting.splice(0);
    for (const one of turn) one.signature = jose(sign('sha256', Buffer.from(one.input, 'latin1'), privateKey));
    for (const { input, signature, reply } of turn) {
      const access_token = `${input}.${signature.toString('base64url')}`;
      reply
        .headers({ 'cache-control': 'no-store', pragma: 'no-cache', 'content-type': 'application/json' })
        .send(JSON.stringify({ access_token, token_type: 'Bearer', expires_in: LIFETIME }));
    }
  };

  await app.listen({ host: '127.0.0.1', port: 0 });
  console.log(app.server.address().port);
}

function sha256(text) {
  return createHash('sha256').update(text).digest();
}

function base64url(text) {
  return Buffer.from(text).toString('base64url');
}

/** r‖s of an ASN.1 sequence of two integers on P-256 (RFC 7518 3.4). */
function jose(der) {
  const signature = Buffer.alloc(64);
  let at = 2;
  for (const end of [32, 64]) {
    const length = der[at + 1];
    const digits = der.subarray(at + 2 + Math.max(0, length - 32), at + 2 + length);
    digits.copy(signature, end - digits.length);
    at += 2 + length;
  }
  return signature;
}
