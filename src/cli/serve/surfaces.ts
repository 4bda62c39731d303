// Owns opening the two surfaces for an issuer: rules first, then both apps, then both listeners. Never decides what is
// answered.

import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { checkListener } from '../../http/issuer-rules.ts';
import { formatAddress, listenOperator, listenPublic, type OperatorListening } from '../../http/listen.ts';
import { createOperatorApp, type OperatorVerbs } from '../../http/operator-app.ts';
import { createPublicApp } from '../../http/public-app.ts';
import { createThrottle } from '../../http/throttle.ts';
import { type TlsFiles, useCertificate } from '../../http/tls.ts';
import type { ServerEntity } from '../../model/entity.ts';
import type { GrantStore, LogoutNotices, Signer } from '../../oauth/port.ts';
import type { SecretChecker } from '../../oauth/secret.ts';
import type { Snapshot } from '../../oauth/snapshot.ts';
import { createOutbound } from '../../outbound/outbound.ts';
import type { UseNotes } from './note-use.ts';
import type { ServeOptions } from './options.ts';
import { randomPool } from './random-pool.ts';

export interface SurfaceParts {
  readonly options: ServeOptions;
  readonly tls: TlsFiles | undefined;
  readonly current: () => Snapshot | undefined;
  readonly degraded: () => boolean;
  /** Why the store cannot be relied on. */
  readonly storeProblem: () => string | undefined;
  readonly status: () => object;
  /** What an operator may have it do: the notices are those of the public surface. */
  readonly verbs: (logoutNotices: LogoutNotices) => OperatorVerbs;
  readonly grants: GrantStore;
  readonly signer: Signer;
  readonly secrets: SecretChecker;
  readonly noteUse: UseNotes['note'];
  readonly storePath: string;
  readonly env: NodeJS.ProcessEnv;
  readonly logger: Logger;
}

export interface Surfaces {
  /** URLs of the public listener. */
  readonly listening: readonly string[];
  readonly operator: OperatorListening;
  /**
   * New connections get this certificate. Throws Failure `tls_invalid` for one that cannot serve, and goes on with that of
   * before. Nothing happens where TLS is not spoken.
   */
  renewTls(tls: TlsFiles | undefined): void;
  /** Lets requests under way finish. */
  close(): Promise<void>;
}

/** Throws Failure `usage`, `tls_invalid` or `listen_failed`, and then nothing listens. */
export async function openSurfaces(server: ServerEntity, parts: SurfaceParts): Promise<Surfaces> {
  const { options, tls, logger, current } = parts;
  const { issuer } = server;
  // The option wins over what the spec gives as its default (DESIGN 5).
  const proxies = options.behindProxy ?? server.trusted_proxies ?? [];
  checkListener({ issuer, host: options.host, tls: tls !== undefined, behindProxy: proxies });

  const outbound = createOutbound({
    // What is served now says it: a reload is enough.
    allow: () => current()?.index.server?.outbound?.allow ?? [],
    logger,
    now: Date.now,
  });
  const publicApp = createPublicApp({
    issuer,
    current,
    grants: parts.grants,
    signer: parts.signer,
    secrets: parts.secrets,
    clientKeys: outbound.clientKeys,
    throttle: createThrottle(Date.now),
    logoutNotices: outbound.logoutNotices,
    now: Date.now,
    random: randomPool(randomBytes),
    noteUse: parts.noteUse,
    trustedProxies: proxies,
    ...(tls === undefined ? {} : { tls }),
    logger,
    ready: () => readinessOf(current() !== undefined, parts.degraded(), parts.storeProblem() !== undefined),
  });
  const operatorApp = createOperatorApp({
    status: async () => parts.status(),
    verbs: parts.verbs(outbound.logoutNotices),
    logger,
  });
  const close = async (): Promise<void> => {
    // Clients first: an operator may want to see how the end goes.
    await publicApp.close();
    // After the last request that could have called somebody.
    await outbound.close();
    await operatorApp.close();
  };
  try {
    const renewTls = (renewed: TlsFiles | undefined): void => useCertificate(publicApp, renewed);
    return { ...(await listen(publicApp, operatorApp, issuer, parts)), renewTls, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function listen(
  publicApp: FastifyInstance,
  operatorApp: FastifyInstance,
  issuer: string,
  { options, tls, storePath, env }: SurfaceParts,
): Promise<Pick<Surfaces, 'listening' | 'operator'>> {
  const { host, admin } = options;
  const addresses = await listenPublic(publicApp, { host, port: options.port ?? portOf(issuer) });
  const operator = await listenOperator(operatorApp, { storePath, env, ...(admin === undefined ? {} : { admin }) });
  const scheme = tls === undefined ? 'http' : 'https';
  return { listening: addresses.map((address) => `${scheme}://${formatAddress(address)}`), operator };
}

/** A degraded server answers tokens: it is ready, and says in which way not fully. One that cannot keep what it answers is not. */
function readinessOf(started: boolean, degraded: boolean, storeFails: boolean): { ready: boolean; reason?: string } {
  if (!started) return { ready: false, reason: 'starting' };
  if (storeFails) return { ready: false, reason: 'store' };
  const ready = true;
  return degraded ? { ready, reason: 'degraded' } : { ready };
}

function portOf(issuer: string): number {
  const { port, protocol } = new URL(issuer);
  if (port !== '') return Number(port);
  return protocol === 'https:' ? 443 : 80;
}
