import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { CgroupLimits } from './cgroup.ts';
import type { CredentialSource } from './credential-endpoint.ts';
import type { Forward } from './forward.ts';
import type { Limits } from './limits.ts';
import type { Identity } from './listen.ts';

export type SandboxMode = 'bubblewrap' | 'none';

export interface SandboxOptions {
  /** Told in errors only. */
  runLabel: string;
  /** `none`: a plain child process with a clean environment and nothing kept from it (`GATEHOUSE_SANDBOX=none`). */
  mode: SandboxMode;
  /** Host folder that the run sees as /workspace and may write. Given to the identity when the worker is root. */
  workDir: string;
  /** The same for /state. */
  stateDir: string;
  /** The two folders are filled while the sandbox is made: what is in them is given to the identity by `adopt`. Default false. */
  filledLater?: boolean;
  /** Host folder with a terraform provider mirror, seen read-only as /plugins. Default: none. */
  providerMirror?: string;
  /** Whether providers that the mirror lacks may be fetched from their registry. Default false. */
  allowDirectProviders?: boolean;
  /** Read-only host folders that come first on PATH. */
  toolDirs?: readonly { host: string; inside: string }[];
  /** Further read-only host folders. */
  readOnlyDirs?: readonly { host: string; inside: string }[];
  /** Whom runs become when the worker is root: an unprivileged uid that nothing else uses. Unused otherwise. */
  identity?: Identity;
  limits?: Partial<Limits>;
  /** Memory and processors of all processes of the run together. Default: no such limit. */
  cgroup?: CgroupLimits;
  egress?: {
    /** `host:port` or CIDR entries of otherwise refused addresses; see `parseAllowList`. */
    allow?: readonly string[];
    onRefused?: (destination: string, reason: string) => void;
    onConnected?: (destination: string) => void;
    /** All addresses of a name, also of a forward's target; default the system's resolver. */
    resolve?: (host: string) => Promise<readonly string[]>;
  };
  forwards?: readonly Forward[];
  /** Default: no credential endpoint. */
  credentials?: CredentialSource;
  /** Where the sandbox makes its small folder of sockets; short, and open to the identity. Default the system's temporary folder. */
  runtimeDir?: string;
  /** PATH on which bwrap and setpriv are found. */
  launcherPath?: string;
}

/** Never uid 0, whoever asks: what bwrap does as root is not a sandbox. */
export function identityToTake({ identity, runLabel }: SandboxOptions): Identity | undefined {
  if (process.getuid?.() !== 0) return undefined;
  if (identity === undefined || identity.uid === 0 || identity.gid === 0) {
    throw new GatehouseError(
      'unavailable',
      `The sandbox of ${runLabel} needs an unprivileged uid, since the worker is root`,
    );
  }
  return identity;
}
