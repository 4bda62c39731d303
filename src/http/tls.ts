// Owns TLS of the public listener: whether a certificate and key can serve it, told before they are used, the change to new ones,
// and whether clients are asked for theirs (RFC 8705). Never reads a file, and never judges a client's certificate.

import { constants } from 'node:crypto';
import { createSecureContext, Server } from 'node:tls';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { SERVER } from '../model/address.ts';
import { Failure } from '../model/failure.ts';
import { authenticatesWithCertificate } from '../model/settings.ts';
import { entitiesOf, type State } from '../model/state.ts';
import type { Snapshot } from '../oauth/snapshot.ts';

/** PEM text as it stands in the files of `--tls-cert` (with its chain) and `--tls-key`. */
export interface TlsFiles {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** Throws Failure `tls_invalid` when the two are no PEM, or do not belong together. */
export function checkTls({ cert, key }: TlsFiles): void {
  // Each alone first, so that the message can name the option at fault.
  attempt(() => createSecureContext({ cert }), '--tls-cert holds no PEM certificate that can be read');
  attempt(() => createSecureContext({ key }), '--tls-key holds no unencrypted PEM private key that can be read');
  attempt(
    () => createSecureContext({ cert, key }),
    '--tls-key is not the private key of the certificate in --tls-cert',
  );
}

/** What a listener shows, and of whom it asks for a certificate. */
interface Shown {
  tls: TlsFiles;
  /** Undefined: no client is asked. */
  asked: Asked | undefined;
  /** Of which State `asked` is. */
  of: State | undefined;
}

/** PEM of the authorities whose certificates are welcome; of none, where what nobody issued is. */
type Asked = readonly string[];

const shownBy = new WeakMap<Server, Shown>();

/**
 * Has the clients of an app that speaks TLS asked for a certificate, never required to have one, as long as what is served has a
 * use for it: each connection as the State of its moment says. What comes by one that is open stays what it was.
 */
export function askForCertificates(
  app: FastifyInstance,
  tls: TlsFiles,
  { current, logger }: { readonly current: () => Snapshot | undefined; readonly logger: FastifyBaseLogger },
): void {
  const server: unknown = app.server;
  if (!(server instanceof Server)) return;
  const shown: Shown = { tls, asked: undefined, of: undefined };
  shownBy.set(server, shown);
  // Before the listener that begins the handshake.
  server.prependListener('connection', () => {
    const state = current()?.state;
    if (state === undefined || state === shown.of) return;
    const asked = askedBy(state);
    const isSame = asked?.join('\n') === shown.asked?.join('\n');
    shown.of = state;
    if (isSame) return;
    try {
      show(server, shown.tls, asked);
      shown.asked = asked;
    } catch (error) {
      logger.error({ err: error }, 'clients are not asked for certificates of what is served');
    }
  });
}

function askedBy(state: State): Asked | undefined {
  const server = state.get(SERVER);
  const authorities = server?.kind === 'server' ? Object.values(server.certificates?.authorities ?? {}) : [];
  const pems = authorities.map(({ pem }) => pem);
  if (pems.length > 0) return pems;
  // One that nobody issued is asked for without a list of who may have.
  const isOwn = [...entitiesOf(state, 'application')].some(([, one]) => authenticatesWithCertificate(one));
  return isOwn ? [] : undefined;
}

function show(server: Server, tls: TlsFiles, asked: Asked | undefined): void {
  if (asked === undefined) {
    server.setSecureContext({ ...tls });
  } else {
    // A session that goes on would bring the certificate of another time: each handshake proves anew (RFC 8446 8, RFC 5077).
    server.setSecureContext({ ...tls, ca: [...asked], secureOptions: constants.SSL_OP_NO_TICKET });
  }
  // Node reads both as a connection begins. What is presented is never refused here: certificate-path.ts judges.
  Object.assign(server, { requestCert: asked !== undefined, rejectUnauthorized: false });
}

/**
 * Has an app that speaks TLS show this certificate from the next connection on; connections that are open go on. Throws as
 * checkTls, and then nothing changed.
 */
export function useCertificate(app: FastifyInstance, tls: TlsFiles | undefined): void {
  const server: unknown = app.server;
  if (tls === undefined || !(server instanceof Server)) return;
  checkTls(tls);
  const shown = shownBy.get(server);
  show(server, tls, shown?.asked);
  if (shown !== undefined) shown.tls = tls;
}

function attempt(use: () => unknown, problem: string): void {
  try {
    use();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Failure('tls_invalid', `${problem} (${reason}).`, { cause: error });
  }
}
