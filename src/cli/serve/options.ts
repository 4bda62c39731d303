// Owns the options of `charter serve` and what they mean together. Never opens anything but the TLS files.

import { readFile } from 'node:fs/promises';
import type { BoundAddress } from '../../http/binding.ts';
import type { TlsFiles } from '../../http/tls.ts';
import { Failure } from '../../model/failure.ts';
import { systemReason } from '../../reconcile/system-reason.ts';

export interface ServeOptions {
  readonly store?: string;
  readonly secretsDir?: string;
  /** Names or paths, in order. */
  readonly overlay?: readonly string[];
  readonly host?: string;
  readonly port?: number;
  readonly admin?: BoundAddress;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly behindProxy?: readonly string[];
}

/** The certificate and key, where both are given. Throws Failure `usage` for one alone, `tls_invalid` for an unreadable file. */
export async function readTls({ tlsCert, tlsKey }: ServeOptions): Promise<TlsFiles | undefined> {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined) {
    const [given, missing] = tlsKey === undefined ? ['--tls-cert', '--tls-key'] : ['--tls-key', '--tls-cert'];
    throw new Failure('usage', `${given} is given without ${missing}. TLS needs the certificate and its private key.`);
  }
  return { cert: await readPem('--tls-cert', tlsCert), key: await readPem('--tls-key', tlsKey) };
}

async function readPem(option: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new Failure('tls_invalid', `${option} ${path} cannot be read: ${systemReason(error)}.`, { cause: error });
  }
}
