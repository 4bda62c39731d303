// Owns whether a certificate and key can serve TLS, told before they are used, and the change to new ones. Never reads a file.

import { createSecureContext, Server } from 'node:tls';
import type { FastifyInstance } from 'fastify';
import { Failure } from '../model/failure.ts';

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

/**
 * Has an app that speaks TLS show this certificate from the next connection on; connections that are open go on. Throws as
 * checkTls, and then nothing changed.
 */
export function useCertificate(app: FastifyInstance, tls: TlsFiles | undefined): void {
  const server: unknown = app.server;
  if (tls === undefined || !(server instanceof Server)) return;
  checkTls(tls);
  server.setSecureContext({ ...tls });
}

function attempt(use: () => unknown, problem: string): void {
  try {
    use();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Failure('tls_invalid', `${problem} (${reason}).`, { cause: error });
  }
}
