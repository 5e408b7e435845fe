import { type Engine, engines } from '@gatehouse/shared/engine-version';
import { isExactVersion } from '@gatehouse/shared/version-constraint';
import { z } from 'zod';

/** A release server: where its releases begin, and where it lists them. */
export type ReleaseServer = {
  /** As an operator gives it, without a slash at the end. */
  url: string;
  /** undefined: the engine's own place below `url`, where it has one. */
  indexUrl: string | undefined;
};

/** Where an engine's releases lie on a server, by the conventions of those who make them. */
export type ReleaseLayout = {
  archiveName(version: string): string;
  sums(version: string): string;
  signature(version: string): string;
  archive(version: string): string;
  /** undefined: nobody lists what there is; only exact versions can be had. */
  index: string | undefined;
  /** Versions of an index that have an archive for this platform. Throws when it is no index. */
  listed(index: unknown): string[];
};

export type Platform = { system: string; architecture: string };

const terraformIndex = z.object({
  versions: z.record(z.string(), z.object({ builds: z.array(z.object({ os: z.string(), arch: z.string() })) })),
});
const tofuIndex = z.object({ versions: z.array(z.object({ id: z.string(), files: z.array(z.string()) })) });

/** terraform: as releases.hashicorp.com. OpenTofu: as its GitHub releases; their list is elsewhere (get.opentofu.org/tofu/api.json). */
export function releaseLayout(engine: Engine, server: ReleaseServer, platform = ownPlatform()): ReleaseLayout {
  const { program } = engines[engine];
  const prefix = (version: string) => `${program}_${version}`;
  const folder = (version: string) =>
    engine === 'terraform' ? `${server.url}/terraform/${version}` : `${server.url}/v${version}`;
  const signatureEnding = engine === 'terraform' ? 'sig' : 'gpgsig';
  const archiveName = (version: string) => `${prefix(version)}_${platform.system}_${platform.architecture}.zip`;
  const sums = (version: string) => `${folder(version)}/${prefix(version)}_SHA256SUMS`;
  const ownIndex = engine === 'terraform' ? `${server.url}/terraform/index.json` : undefined;

  const listed = {
    terraform: (index: unknown) =>
      Object.entries(terraformIndex.parse(index).versions)
        .filter(([, { builds }]) =>
          builds.some(({ os, arch }) => os === platform.system && arch === platform.architecture),
        )
        .map(([version]) => version),
    tofu: (index: unknown) =>
      tofuIndex
        .parse(index)
        .versions.filter(({ id, files }) => files.includes(archiveName(id)))
        .map(({ id }) => id),
  } satisfies Record<Engine, (index: unknown) => string[]>;

  return {
    archiveName,
    sums,
    signature: (version) => `${sums(version)}.${signatureEnding}`,
    archive: (version) => `${folder(version)}/${archiveName(version)}`,
    index: server.indexUrl ?? ownIndex,
    listed: (index) => listed[engine](index).filter(isExactVersion),
  };
}

/** Go's names of this machine, which archives carry. */
function ownPlatform(): Platform {
  const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64', arm: 'arm', ia32: '386' };
  return { system: process.platform, architecture: architectures[process.arch] ?? process.arch };
}
