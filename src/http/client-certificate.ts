// Owns by which certificate a request came: that of the handshake of its own connection, or what a trusted proxy says of the one
// that it ended (RFC 8705 6.5, RFC 9440, P:AY-008). Never validates one: what it hands on proves the key alone.

import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { pemLabels, readCertificate, readCertificates } from '../model/certificate.ts';
import { inBlocks } from '../model/network.ts';
import type { PresentedCertificate } from '../oauth/certificate.ts';
import type { Snapshot } from '../oauth/snapshot.ts';
import { peerOf } from './forwarding.ts';
import { valuesOf } from './raw-headers.ts';

export type CertificateOf = (
  request: IncomingMessage,
  snapshot: Pick<Snapshot, 'index'>,
) => PresentedCertificate | undefined;

type Certificate = PresentedCertificate['leaf'];

/** `trustedProxies` as `--behind-proxy` or `server.trusted_proxies` say: addresses and CIDR blocks. */
export function createCertificateOf(trustedProxies: readonly string[]): CertificateOf {
  // Of a connection it stays the same, and reading it costs more than many requests do.
  const ofConnections = new WeakMap<TLSSocket, PresentedCertificate>();

  return (request, { index: { server } }) => {
    if (inBlocks(peerOf(request), trustedProxies)) {
      // The certificate of such a connection would be the proxy's own, whoever asks through it.
      const header = server?.certificates?.header?.toLowerCase();
      const [value, ...others] = header === undefined ? [] : valuesOf(request, header);
      // Of two nobody can say which one the proxy wrote.
      return value === undefined || others.length > 0 ? undefined : readHeader(value);
    }
    const { socket } = request;
    if (!(socket instanceof TLSSocket)) return undefined;
    const presented = ofConnections.get(socket) ?? ofHandshake(socket);
    if (presented !== undefined) ofConnections.set(socket, presented);
    return presented;
  };
}

/** How many certificates of a handshake are read at most. */
const MOST = 8;

function ofHandshake(socket: TLSSocket): PresentedCertificate | undefined {
  const leaf = socket.getPeerX509Certificate();
  if (leaf === undefined) return undefined;
  const others: Certificate[] = [];
  for (let next = leaf.issuerCertificate; next !== undefined && others.length < MOST; next = next.issuerCertificate) {
    others.push(next);
  }
  return { leaf, others };
}

/** What a proxy wrote, in any of the ways in which they do; undefined of what is none of them. */
function readHeader(value: string): PresentedCertificate | undefined {
  const written = /^[A-Za-z]+=/.test(value) ? ofEnvoy(value) : value.trim();
  if (written === undefined) return undefined;
  // RFC 9440 2.1: a byte sequence of RFC 8941, one and nothing beside.
  const bytes = /^:([A-Za-z0-9+/]+={0,2}):$/.exec(written)?.[1];
  if (bytes !== undefined) return presented([ofBase64(bytes)]);
  const text = written.includes('%') ? decoded(written) : written;
  if (text === undefined) return undefined;
  if (text.includes('-----BEGIN')) {
    // Line breaks do not stand in a header: Apache writes spaces for them, and forms write + for spaces.
    const pem = text.replaceAll(/-----(BEGIN|END)[ +]CERTIFICATE-----/g, '-----$1 CERTIFICATE-----');
    return pemLabels(pem).every((label) => label === 'CERTIFICATE')
      ? presented(readCertificates(unfolded(pem)))
      : undefined;
  }
  return presented(text.split(',').map((part) => ofBase64(part.trim())));
}

/** The lines of PEM as they were before somebody wrote spaces for their ends. */
function unfolded(pem: string): string {
  return pem.replaceAll(
    /-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----/g,
    (_, body: string) =>
      `-----BEGIN CERTIFICATE-----\n${(body.replaceAll(/\s+/g, '').match(/.{1,64}/g) ?? []).join('\n')}\n-----END CERTIFICATE-----\n`,
  );
}

/** X-Forwarded-Client-Cert of one proxy, whose `Cert` is PEM with URL encoding; of several none is known to be the client's. */
function ofEnvoy(value: string): string | undefined {
  const pairs = [...value.matchAll(/(?:^|;)([A-Za-z]+)=(?:"((?:[^"\\]|\\.)*)"|([^",;]*))/g)];
  const isWhole = pairs.map(([pair]) => pair).join('') === value;
  const certificates = pairs.filter(([, name]) => name?.toLowerCase() === 'cert');
  const [only, second] = certificates;
  return isWhole && second === undefined ? (only?.[2] ?? only?.[3]) : undefined;
}

function ofBase64(text: string): Certificate | undefined {
  return /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? readCertificate(Buffer.from(text, 'base64')) : undefined;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/**
 * Several are a chain, each issued by the next: so a proxy that adds its own behind what a client wrote, where it should have
 * replaced that, hands on nobody's.
 */
function presented(certificates: readonly (Certificate | undefined)[]): PresentedCertificate | undefined {
  const [leaf, ...others] = certificates;
  if (leaf === undefined || certificates.length > MOST) return undefined;
  const chain: Certificate[] = [];
  let below = leaf;
  for (const next of others) {
    if (next === undefined || !below.checkIssued(next)) return undefined;
    chain.push(next);
    below = next;
  }
  return { leaf, others: chain };
}
