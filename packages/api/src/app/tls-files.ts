import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Server, type ServerOptions } from 'node:https';
import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { FastifyBaseLogger } from 'fastify';
import type { TlsFiles } from '../config.ts';

export type TlsMaterial = Required<Pick<ServerOptions, 'cert' | 'key'>>;

/** Throws `invalid_request` that names the file which cannot be read, is no PEM, or does not fit the other. */
export function readTlsFiles({ certFile, keyFile }: TlsFiles): TlsMaterial {
  const cert = read('GATEHOUSE_TLS_CERT_FILE', certFile);
  const key = read('GATEHOUSE_TLS_KEY_FILE', keyFile);
  const certificate = parse(() => new X509Certificate(cert), 'GATEHOUSE_TLS_CERT_FILE', certFile, 'certificate');
  const privateKey = parse(
    (): KeyObject => createPrivateKey(key),
    'GATEHOUSE_TLS_KEY_FILE',
    keyFile,
    'private key without a passphrase',
  );
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new GatehouseError(
      'invalid_request',
      `GATEHOUSE_TLS_KEY_FILE ${keyFile} is not the key of the first certificate in GATEHOUSE_TLS_CERT_FILE ${certFile}.`,
    );
  }
  return { cert, key };
}

/** Takes renewed files up for new connections; those that are open go on. Files that are not usable change nothing. */
export function renewTls(server: unknown, files: TlsFiles, logger: Pick<FastifyBaseLogger, 'info' | 'error'>): void {
  if (!(server instanceof Server)) return;
  try {
    server.setSecureContext(readTlsFiles(files));
    logger.info('took up the TLS files anew');
  } catch (error) {
    logger.error({ err: error }, 'the TLS files stay as they were');
  }
}

function read(setting: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new GatehouseError('invalid_request', `${setting} cannot be read: ${file}.`, { cause });
  }
}

function parse<Parsed>(parsing: () => Parsed, setting: string, file: string, what: string): Parsed {
  try {
    return parsing();
  } catch (cause) {
    throw new GatehouseError('invalid_request', `${setting} ${file} holds no PEM ${what}.`, { cause });
  }
}
