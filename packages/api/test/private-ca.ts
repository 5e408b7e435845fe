import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

const openssl = (folder: string, ...args: string[]) => promisify(execFile)('openssl', args, { cwd: folder });
const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc', '-days', '2'];

/** A certificate for this computer, signed by a CA that nobody knows, all in `folder`. */
export async function makePrivateCa(folder: string) {
  const isCa = ['-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign'];
  await openssl(folder, 'req', '-x509', ...newKey, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=A CA', ...isCa);
  const sign = async (name: string) => {
    const files = ['-keyout', `${name}.key`, '-out', `${name}.pem`];
    const names = ['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-addext', 'basicConstraints=CA:FALSE'];
    const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key'];
    await openssl(folder, 'req', '-x509', ...newKey, ...by, ...files, '-subj', `/CN=${name}`, ...names);
    return { certFile: path.join(folder, `${name}.pem`), keyFile: path.join(folder, `${name}.key`) };
  };
  return { ...(await sign('localhost')), caFile: path.join(folder, 'ca.pem'), sign };
}
