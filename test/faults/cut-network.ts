import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

/** A network of its own for workers, joined to this one by two cables: one to the api, which is cut, and one to the rest. */
export type CutNetwork = {
  /** Addresses of this machine on either cable. */
  apiHost: string;
  restHost: string;
  /** Makes a command run in that network. */
  prefix: readonly string[];
  /** Silently, as a broken line does: nobody is told, and connections stay half open. */
  cut(direction: 'both' | 'to the api' | 'from the api'): Promise<void>;
  /** Takes the cable away, which both ends see. */
  unplug(): Promise<void>;
  mend(): Promise<void>;
  remove(): Promise<void>;
};

const ip = (...argv: string[]) => promisify(execFile)('ip', argv);
/** Only root makes networks. */
export const mayMakeNetworks = process.getuid?.() === 0;
/** Nobody's, so that what is sent to it is heard by nobody. */
const nobody = '02:00:00:00:00:01';

export async function makeCutNetwork(): Promise<CutNetwork> {
  const name = `gh${randomBytes(4).toString('hex')}`;
  const [api, rest] = [cable(`${name}a`), cable(`${name}r`)];
  const inside = (...argv: string[]) => ip('-n', name, ...argv);
  async function remove(): Promise<void> {
    for (const { ours } of [api, rest]) await ip('link', 'del', ours).catch(() => undefined);
    await ip('netns', 'del', name).catch(() => undefined);
  }
  try {
    await ip('netns', 'add', name);
    await inside('link', 'set', 'lo', 'up');
    for (const { ours, theirs, ourHost, theirHost } of [api, rest]) {
      await ip('link', 'add', ours, 'type', 'veth', 'peer', 'name', theirs, 'netns', name);
      await ip('addr', 'add', `${ourHost}/30`, 'dev', ours);
      await ip('link', 'set', ours, 'up');
      await inside('addr', 'add', `${theirHost}/30`, 'dev', theirs);
      await inside('link', 'set', theirs, 'up');
    }
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    apiHost: api.ourHost,
    restHost: rest.ourHost,
    prefix: ['nsenter', `--net=/run/netns/${name}`, '--'],
    async cut(direction) {
      const away = ['lladdr', nobody, 'nud', 'permanent'];
      if (direction !== 'from the api') await inside('neigh', 'replace', api.ourHost, ...away, 'dev', api.theirs);
      if (direction !== 'to the api') await ip('neigh', 'replace', api.theirHost, ...away, 'dev', api.ours);
    },
    async unplug() {
      await ip('link', 'set', api.ours, 'down');
    },
    async mend() {
      await inside('neigh', 'del', api.ourHost, 'dev', api.theirs).catch(() => undefined);
      await ip('neigh', 'del', api.theirHost, 'dev', api.ours).catch(() => undefined);
      await ip('link', 'set', api.ours, 'up');
    },
    remove,
  };
}

/** Of 10.0.0.0/8 a random network of four addresses; the kernel's names of interfaces have at most 15 characters. */
function cable(name: string) {
  const [second = 0, third = 0, fourth = 0] = randomBytes(3);
  const network = `10.${200 + (second % 50)}.${third}`;
  const first = fourth & 0b1111_1100;
  return {
    ours: `${name}0`,
    theirs: `${name}1`,
    ourHost: `${network}.${first + 1}`,
    theirHost: `${network}.${first + 2}`,
  };
}
