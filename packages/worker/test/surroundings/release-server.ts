import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { Engine } from '@gatehouse/shared/engine-version';
import { createMessage, generateKey, type PrivateKey, sign } from 'openpgp';
import { ZipFile } from 'yazl';
import { releaseLayout } from '../../src/terraform/releases/release-layout.ts';

/** What lies at a path: bytes, or something that answers by itself. */
type Content = Uint8Array | ((request: IncomingMessage, response: ServerResponse) => void);
export type ZipEntry = { name: string; content: Uint8Array | string; mode?: number };
export type Release = {
  entries?: readonly ZipEntry[];
  archive?: Uint8Array;
  /** Default: what the archive has. */
  sums?: string;
  /** Default: made with the server's key. `null`: none. */
  signedBy?: PrivateKey | null;
  signedAt?: Date;
};

/** A release server over real HTTP, with a signing key of its own, laid out as those of terraform and OpenTofu. */
export async function startReleaseServer(key?: ReleaseKey) {
  const { privateKey, publicKey } = key ?? (await newReleaseKey());
  const contents = new Map<string, Content>();
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const place = request.url ?? '';
    requests.push(place);
    const content = contents.get(place);
    if (content === undefined) response.writeHead(404).end();
    else if (typeof content === 'function') content(request, response);
    else response.writeHead(200, { 'content-length': content.length }).end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  const indexUrl = `${url}/tofu/api.json`;
  const layouts = {
    terraform: releaseLayout('terraform', { url, indexUrl: undefined }),
    tofu: releaseLayout('tofu', { url, indexUrl }),
  };
  const released: Record<Engine, string[]> = { terraform: [], tofu: [] };
  const below = (whole: string) => whole.slice(url.length);

  /** Puts a content where a release's file lies, or takes it away. */
  function put(whole: string, content: Content | undefined): void {
    if (content === undefined) contents.delete(below(whole));
    else contents.set(below(whole), content);
  }

  function list(engine: Engine, version: string): void {
    released[engine].push(version);
    const archive = (each: string) => layouts[engine].archiveName(each);
    const [system = '', architecture = ''] = archive(version).replace('.zip', '').split('_').slice(2);
    const builds = [
      { os: system, arch: architecture },
      { os: 'plan9', arch: 'mips' },
    ];
    const index =
      engine === 'terraform'
        ? { name: 'terraform', versions: Object.fromEntries(released.terraform.map((each) => [each, { builds }])) }
        : { versions: released.tofu.map((id) => ({ id, files: [archive(id), 'README.md'] })) };
    put(layouts[engine].index ?? '', Buffer.from(JSON.stringify(index)));
  }

  return {
    url,
    indexUrl,
    publicKey,
    privateKey,
    layouts,
    requests,
    put,
    list,
    /** How often a file was asked for. */
    asked: (whole: string) => requests.filter((each) => each === below(whole)).length,
    async publish(engine: Engine, version: string, release: Release = {}): Promise<void> {
      const layout = layouts[engine];
      const entries = release.entries ?? [{ name: engine, content: programScript(version) }];
      const archive = release.archive ?? (await zipOf([...entries, { name: 'LICENSE.txt', content: 'A licence.' }]));
      const sums = release.sums ?? `${sha256(archive)}  ${layout.archiveName(version)}\n${sha256('x')}  other.zip\n`;
      put(layout.archive(version), archive);
      put(layout.sums(version), Buffer.from(sums));
      const signer = release.signedBy === undefined ? privateKey : release.signedBy;
      put(layout.signature(version), signer === null ? undefined : await signatureOf(sums, signer, release.signedAt));
      list(engine, version);
    },
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export type ReleaseKey = { privateKey: PrivateKey; publicKey: string };
export type ReleaseServerOfTests = Awaited<ReturnType<typeof startReleaseServer>>;

/** As HashiCorp's: a primary key, and a subkey that signs. */
export async function newReleaseKey(options: { date?: Date } = {}): Promise<ReleaseKey> {
  const { privateKey, publicKey } = await generateKey({
    userIDs: [{ name: 'Releases of a test' }],
    subkeys: [{ sign: true }],
    format: 'object',
    ...options,
  });
  return { privateKey, publicKey: publicKey.armor() };
}

export async function signatureOf(text: string, signingKeys: PrivateKey, date?: Date): Promise<Uint8Array> {
  const message = await createMessage({ binary: Buffer.from(text) });
  return sign({ message, signingKeys, detached: true, format: 'binary', ...(date === undefined ? {} : { date }) });
}

/** Kept as it is, without compression: archives of tests are large or small, never in between. */
export async function zipOf(entries: readonly ZipEntry[]): Promise<Uint8Array> {
  const zip = new ZipFile();
  for (const { name, content, mode = 0o100755 } of entries) {
    zip.addBuffer(Buffer.from(content), name, { mode, compress: false });
  }
  zip.end();
  return buffer(zip.outputStream);
}

/** Answers as a release of that version does; any other command goes to `handOver`, which is told in the output. */
export function programScript(version: string, handOver?: { name: string; to: string }): string {
  const rest = handOver === undefined ? 'exit 3' : `echo "${handOver.name} called: $*" >&2\nexec ${handOver.to} "$@"`;
  return `#!/bin/sh\nif [ "$1" = version ]; then echo '{"terraform_version":"${version}","platform":"linux_amd64","provider_selections":{}}'; exit 0; fi\n${rest}\n`;
}

export async function writeProgram(file: string, script: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, script, { mode: 0o755 });
}

export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}
